"""What a call needs: a scope in its token, and a licence that the company has bought (reference 1.8, 3.3)."""

from collections.abc import Iterable, Set

from sandbox.fortnox.errors import NO_API_LICENCE, NO_LICENCE, NO_RIGHT, NO_SCOPE, Refusal
from sandbox.fortnox.switches import Switches

ALL_SCOPES = frozenset(
    {
        "archive", "article", "assets", "bookkeeping", "companyinformation", "connectfile", "costcenter", "currency",
        "customer", "deletevoucher", "inbox", "invoice", "noxfinansinvoice", "offer", "order", "payment", "price", "print",
        "profile", "project", "salary", "settings", "supplier", "supplierinvoice", "timereporting", "warehouse",
        "warehousecustomdocument",
    }
)  # fmt: skip

# The reference names no licences in full: these names are ours. "integration" is the right to use the API at all.
INTEGRATION = "integration"
ALL_LICENCES = frozenset({INTEGRATION, "bookkeeping", "invoicing", "order"})
SALES = frozenset({"invoicing", "order"})
SUFFICIENT = {
    "article": SALES,
    "bookkeeping": frozenset({"bookkeeping"}),
    "customer": SALES,
    "deletevoucher": frozenset({"bookkeeping"}),
    "invoice": frozenset({"invoicing"}),
    "offer": frozenset({"order"}),
    "order": frozenset({"order"}),
    "payment": frozenset({"bookkeeping", "invoicing"}),
    "price": SALES,
}
"""One of these licences is enough for the scope. A scope that is not named works with any licence."""

ANY_LICENCE = "companyinformation"
"""Works with any licence, also without the one for the API."""


def is_licensed(scope: str, licences: Set[str]) -> bool:
    """Whether the company has bought what the scope's resources belong to."""
    return bool(licences & SUFFICIENT.get(scope, ALL_LICENCES))


def unlicensed(scopes: Iterable[str], licences: Set[str]) -> list[str]:
    """The scopes whose licence the company lacks."""
    return sorted(scope for scope in scopes if not is_licensed(scope, licences))


def check_rights(scope: str, granted: Set[str], licences: Set[str], switches: Switches) -> None:
    """Refuses a call whose token lacks the scope, or whose company lacks the licence for it."""
    if scope not in granted:
        raise as_switched(NO_RIGHT.get(scope, NO_SCOPE), switches)
    if INTEGRATION not in licences and scope != ANY_LICENCE:
        raise as_switched(NO_API_LICENCE, switches)
    if not is_licensed(scope, licences):
        raise as_switched(NO_LICENCE, switches)


def as_switched(refusal: Refusal, switches: Switches) -> Refusal:
    """The refusal with the status and the casing that permission errors have now."""
    status = 400 if switches.permission_answers_400 else refusal.status
    return Refusal(status, refusal.code, refusal.message, capitals=switches.permission_capitals)
