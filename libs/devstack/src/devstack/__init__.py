"""The whole system on one machine without containers."""

from devstack.process import Process, ProcessFailedError
from devstack.services import SERVICES, Sandbox, Service
from devstack.stack import Infrastructure, Stack

__all__ = ["SERVICES", "Infrastructure", "Process", "ProcessFailedError", "Sandbox", "Service", "Stack"]
