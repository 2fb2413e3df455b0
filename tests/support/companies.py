"""Companies to sell to: valid organisation numbers that nobody has."""

from __future__ import annotations

import itertools
import random

_serial = itertools.count(random.randrange(1_000_000))


def an_organisation_number(*, dash: bool = False) -> str:
    """A valid number, by counting; the emulators' own seed draws from another series."""
    nine = f"558{next(_serial) % 1_000_000:06d}"
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(nine))
    check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    return f"{nine[:6]}-{nine[6:]}{check}" if dash else f"{nine}{check}"


def a_company(**fields: object) -> dict[str, object]:
    """A Swedish company as the emulator's bulk call takes it."""
    number = an_organisation_number()
    address = {"street": "Exempelgatan 1", "zipCode": "211 20", "city": "Malmö", "countryCode": "SE"}
    plain = {"name": f"Exempelbolaget {number[-7:]} AB", "organizationNumber": number, "postalAddress": address}
    return {**plain, **fields}
