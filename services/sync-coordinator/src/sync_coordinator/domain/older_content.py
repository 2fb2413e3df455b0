"""How what was made in Fortnox differs from what Lime Go says now, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from contracts.commands import CreateFortnoxInvoice
from contracts.outcomes import Difference, DifferingField
from contracts.values import Company, Deal

CUSTOMER_DIFFERS = "customer_differs"


def of_documents(made: CreateFortnoxInvoice, wanted: Deal, customer_number: str) -> str:
    """Both amounts, and both customers' numbers, of an order and of what its deal says now; "" if they are the same.

    `customer_number` is "" when the deal's company has no customer yet.
    """
    differing = []
    if made.deal.value != wanted.value:
        differing.append(f"{_figure(made.deal.value, made.currency)} ≠ {_figure(wanted.value, made.currency)}")
    if made.customer_number != customer_number:
        differing.append(f"Fortnox {made.customer_number} / Lime Go {customer_number or '–'}")
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
