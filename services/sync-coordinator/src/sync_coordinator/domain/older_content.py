"""How what was made in Fortnox differs from what Lime Go says now, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from contracts.outcomes import Difference, DifferingField
from contracts.values import Company

CUSTOMER_DIFFERS = "customer_differs"


@dataclass(frozen=True)
class Content:
    """What a document and its deal are compared by. `customer_number` is "" when the deal's company has no customer yet."""

    value: Decimal | None
    currency: str
    customer_number: str


def of_documents(made: Content, wanted: Content) -> str:
    """Both amounts, and both customers' numbers, of a document and of what its deal says now; "" if they are the same."""
    differing = []
    if (made.value, made.currency) != (wanted.value, wanted.currency):
        differing.append(f"{_figure(made.value, made.currency)} ≠ {_figure(wanted.value, wanted.currency)}")
    if made.customer_number != wanted.customer_number:
        differing.append(f"Fortnox {made.customer_number} / Lime Go {wanted.customer_number or '–'}")
    return "; ".join(differing)


def _figure(value: Decimal | None, currency: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f} {currency}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def of_companies(made: Company, wanted: Company) -> tuple[Difference, ...]:
    """What of a company stands on its customer's card, where two contents of it differ."""
    before, now = made.postal_address, wanted.postal_address
    compared: list[tuple[DifferingField, str | None, str | None]] = [
        ("organisation_number", made.organisation_number, wanted.organisation_number),
        ("name", made.name, wanted.name),
        ("street", before.street, now.street),
        ("postcode", before.postcode, now.postcode),
        ("city", before.city, now.city),
    ]
    return tuple(
        Difference(field=field, made=older or "–", wanted=newer or "–") for field, older, newer in compared if older != newer
    )


def in_words(number: str, differences: Iterable[Difference]) -> str:
    """Both values of each difference, in no language: "125: Fortnox 556000-0001 / Lime Go 556000-0019"."""
    return f"{number}: " + "; ".join(f"Fortnox {one.made} / Lime Go {one.wanted}" for one in differences)
