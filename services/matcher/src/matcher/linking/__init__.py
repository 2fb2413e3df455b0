"""Links two registers, as a whole or one new record at a time; pure: no I/O, no clock, no randomness that is not seeded."""

from matcher.linking.batch import Linkage, link_registers
from matcher.linking.live import LiveCompanyIndex, LiveIndex
from matcher.linking.model import Model

__all__ = ["Linkage", "LiveCompanyIndex", "LiveIndex", "Model", "link_registers"]
