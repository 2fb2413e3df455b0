"""How people write an entity down, in Lime Go and in Fortnox: forms that differ and mean the same, and fields left empty."""

from __future__ import annotations

import random
import re

from matcher.records import CompanyRecord, CustomerRecord
from support.registers.entities import Entity
from support.registers.numbers import written
from support.registers.vocabulary import STREET_ABBREVIATIONS, TOWNS

EMPTY = {"phone": 0.2, "email": 0.25, "website": 0.3, "visiting": 0.5, "vat_number": 0.6, "country_code": 0.3}
"""How often a field is empty, in clean registers too: nobody ever filled it in."""
VARIED_SHARE = 0.15
"""How often a name or street is written in another form than its usual one."""
COUNTRIES = {
    "SE": ("SE", "SE", "Sverige", "Sweden"),
    "DE": ("DE", "Tyskland"),
    "DK": ("DK", "Danmark"),
    "FI": ("FI",),
    "NO": ("NO", "Norge"),
}
AREAS = {"070", "010", *(town[2] for town in TOWNS)}


class Pen:
    """Writes entities down; everything that varies is drawn from the one chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def company(self, company_id: str, entity: Entity) -> CompanyRecord:
        """As a salesperson has it in Lime Go."""
        visits = not self._is_empty("visiting")
        return CompanyRecord(
            company_id=company_id,
            name=self._name(entity.legal_name),
            organisation_number=written(entity.number, self._chance),
            phone=self._phone(entity),
            email=self._or_empty("email", entity.email),
            website=self._or_empty("website", self._website(entity.website)),
            street=self._street(entity.postal.street),
            postcode=self._postcode(entity),
            city=self._city(entity.postal.city),
            country_code=self._country(entity.country),
            visiting_street=self._street(entity.visiting.street) if visits else "",
            visiting_postcode=self._spaced(entity.visiting.postcode) if visits else "",
            visiting_city=entity.visiting.city if visits else "",
        )

    def customer(self, customer_number: str, entity: Entity) -> CustomerRecord:
        """As a bookkeeper has it in Fortnox, where a foreign company's number stands as its VAT number."""
        abroad = entity.country != "SE"
        vat = entity.number if abroad else self._or_empty("vat_number", f"SE{entity.number[-10:]}01")
        street = self._street(entity.postal.street)
        return CustomerRecord(
            customer_number=customer_number,
            name=self._name(entity.legal_name),
            organisation_number="" if abroad else written(entity.number, self._chance),
            vat_number=vat,
            phone=self._phone(entity),
            email=self._or_empty("email", entity.email),
            address1=street,
            address2=self._street(entity.visiting.street)
            if entity.visiting != entity.postal and self._chance.random() < 0.2
            else "",
            zip_code=self._postcode(entity),
            city=self._city(entity.postal.city),
            country_code=self._country(entity.country),
            active=self._chance.random() < 0.95,
        )

    def _name(self, name: str) -> str:
        if self._chance.random() >= VARIED_SHARE:
            return name
        return self._chance.choice(
            (
                name.upper(),
                re.sub(r"\bAB\b", "Aktiebolag", name),
                name.replace("Aktiebolag", "AB"),
                re.sub(r"^(.*) AB$", r"AB \1", name),
                name.replace("Bostadsrättsföreningen", "Brf"),
                name.replace("&", "och"),
                f"{name} ",
                name.replace(" ", "  ", 1),
            )
        )

    def _street(self, street: str) -> str:
        if self._chance.random() >= VARIED_SHARE:
            return street
        for word, short in STREET_ABBREVIATIONS.items():
            if word in street:
                return self._chance.choice((street.replace(word, f"{short}."), street.replace(word, short), street.upper()))
        return street.upper()

    def _postcode(self, entity: Entity) -> str:
        code = entity.postal.postcode
        if entity.country != "SE":
            return code
        return f"SE-{self._spaced(code)}" if self._chance.random() < 0.03 else self._spaced(code)

    def _spaced(self, code: str) -> str:
        return f"{code[:3]} {code[3:]}" if self._chance.random() < 0.6 else code

    def _city(self, city: str) -> str:
        return city.upper() if self._chance.random() < 0.2 else city

    def _country(self, country: str) -> str:
        return "" if country == "SE" and self._is_empty("country_code") else self._chance.choice(COUNTRIES[country])

    def _phone(self, entity: Entity) -> str:
        if self._is_empty("phone"):
            return ""
        if entity.phone.startswith("+"):
            return entity.phone
        area = next(entity.phone[:length] for length in (2, 3, 4) if entity.phone[:length] in AREAS)
        rest = entity.phone[len(area) :]
        return self._chance.choice(
            (f"{area}-{rest}", f"{area}-{rest[:3]} {rest[3:5]} {rest[5:]}", f"+46 {area[1:]} {rest}", entity.phone)
        )

    def _website(self, website: str) -> str:
        forms = (website, website, f"https://{website}", f"http://{website}/", website.removeprefix("www."))
        return self._chance.choice(forms) if website else ""

    def _or_empty(self, field: str, text: str) -> str:
        return text if text and not self._is_empty(field) else ""

    def _is_empty(self, field: str) -> bool:
        return self._chance.random() < EMPTY[field]
