"""The operations that a fault may name: one that is misspelt would never strike, and a test of it prove nothing."""

from sandbox.faults import Fault, FaultError
from sandbox.fortnox import oauth
from sandbox.fortnox.routes import ROUTES
from sandbox.fortnox.subscription import COMMANDS
from sandbox.limego import openapi

FORTNOX = frozenset({
    *(f"{one.method} {one.template}" for one in ROUTES), f"POST {oauth.TOKEN}", f"POST {oauth.REVOKE}",
    "WS connect", "WS event", *(f"WS {name}" for name in COMMANDS),
})  # fmt: skip
LIMEGO = frozenset({
    *(f"{method.upper()} {path}" for path, methods in openapi.document()["paths"].items() for method in methods),
    "POST /v1/graphql", "DELETE /v1/event/subscription/{id}", "webhook",
})  # fmt: skip
KNOWN = {"fortnox": FORTNOX, "limego": LIMEGO, "*": FORTNOX | LIMEGO}


def check(fault: Fault) -> Fault:
    """The fault; raises FaultError for an operation that its system does not have."""
    if fault.operation != "*" and fault.operation not in KNOWN[fault.system]:
        raise FaultError(f"no operation {fault.operation!r}: a method and a route's template, or *")
    return fault
