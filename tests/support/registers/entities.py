"""Legal entities as they really are, before anybody writes them down: composed names, addresses and ways to reach them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from support.registers import vocabulary as words
from support.registers.numbers import Numbers, filled

KINDS = {"company": 70, "partnership": 5, "association": 5, "foundation": 2, "person": 14, "foreign": 4}
"""How many in a hundred. Authorities come with their units, see the generator."""
BOX_SHARE, VISITING_SHARE, FREE_MAIL_SHARE = 0.2, 0.5, 0.6


@dataclass(frozen=True)
class Address:
    """A street with its number, or a box; the post code without space."""

    street: str
    postcode: str
    city: str


@dataclass(frozen=True)
class Entity:
    """One legal entity, or one unit of an authority. `number` has ten digits, twelve for a person; abroad it is a VAT number."""

    kind: str
    legal_name: str
    trading_name: str
    number: str
    country: str
    postal: Address
    visiting: Address
    phone: str
    email: str
    website: str


class World:
    """Makes entities; no legal name and no number twice. Persons may have a namesake."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._numbers = Numbers(chance)
        self._names: set[str] = set()

    def entity(self, kind: str = "") -> Entity:
        """An entity of the kind, or of one drawn by its share."""
        kind = kind or self._chance.choices(list(KINDS), list(KINDS.values()))[0]
        return self._foreign() if kind == "foreign" else self._swedish(kind)

    def sibling(self, entity: Entity) -> Entity:
        """Another company of the same group: its own number and name, the same address, telephone and domain."""
        stem = entity.legal_name.removesuffix(" AB").removesuffix(" Aktiebolag").removeprefix("AB ")
        name = self._unused(lambda: f"{stem} {self._chance.choice(words.TRADES)} AB")
        return replace(entity, kind="company", legal_name=name, trading_name="", number=self._numbers.organisation("company"))

    def units(self, count: int) -> list[Entity]:
        """An authority and its units: one number, each its own address."""
        place = self._unused(lambda: f"{self._stem()}s kommun")
        number = self._numbers.organisation("authority")
        names = [place, *(f"{place}, {unit}" for unit in self._chance.sample(words.UNITS, count - 1))]
        return [replace(self._around("authority", name, number), trading_name="") for name in names]

    def moved(self, entity: Entity) -> Entity:
        """The entity at another address."""
        other = self._address()
        return replace(entity, postal=other, visiting=other)

    def phone(self) -> str:
        """Somebody's telephone number, in digits with its area code."""
        area = self._chance.choices([town[2] for town in words.TOWNS], [town[3] for town in words.TOWNS])[0]
        return self._phone(area)

    def _swedish(self, kind: str) -> Entity:
        if kind == "person":
            return self._person()
        name = self._unused(lambda: self._legal_name(kind))
        return self._around(kind, name, self._numbers.organisation(kind))

    def _around(self, kind: str, name: str, number: str) -> Entity:
        postal = self._address()
        visiting = postal
        if self._chance.random() < BOX_SHARE:
            postal = replace(postal, street=f"Box {self._chance.randint(1, 9999)}", postcode=self._postcode(postal.city))
        domain = f"{_ascii(name)[:24]}.example"
        mailbox = self._chance.choice(("info", "kontakt", "faktura", "order", f"{_ascii(self._chance.choice(words.GIVEN))}"))
        area = next(town[2] for town in words.TOWNS if town[0] == postal.city)
        return Entity(
            kind=kind,
            legal_name=name,
            trading_name=f"{self._stem()}{self._chance.choice(('', 's'))} {self._chance.choice(words.TRADES)}",
            number=number,
            country="SE",
            postal=postal,
            visiting=visiting,
            phone=self._phone(self._chance.choice((area, area, "070", "010"))),
            email=f"{mailbox}@{domain}",
            website=f"www.{domain}",
        )

    def _person(self) -> Entity:
        given, family = self._chance.choice(words.GIVEN), self._family()
        name = f"{given} {family}"
        if self._chance.random() < 0.5:
            name = self._chance.choice(
                (f"{name} {self._chance.choice(words.TRADES)}", f"{family}s {self._chance.choice(words.TRADES)}")
            )
        entity = self._around("person", name, self._numbers.personal())
        if self._chance.random() < FREE_MAIL_SHARE:
            mail = f"{_ascii(given)}.{_ascii(family)}{self._chance.choice(('', self._chance.randint(1, 99)))}"
            return replace(entity, email=f"{mail}@{self._chance.choice(words.FREE_MAIL)}", website="")
        return entity

    def _foreign(self) -> Entity:
        country, towns, postcode, vat, forms, prefix = self._chance.choice(words.ABROAD)
        name = self._unused(lambda: f"{self._stem()} {self._chance.choice(words.TRADES)} {self._chance.choice(forms)}")
        entity = self._around("foreign", name, self._numbers.vat(country, vat))
        street = f"{self._stem()}weg {self._chance.randint(1, 90)}"
        address = Address(street, filled(postcode, self._chance), self._chance.choice(towns))
        return replace(
            entity, country=country, postal=address, visiting=address, phone=prefix + filled("## ## ## ##", self._chance)
        )

    def _legal_name(self, kind: str) -> str:
        chance = self._chance
        trade = chance.choice(words.TRADES)
        stem = chance.choice((self._stem(), f"{self._stem()}s", self._family(), f"{self._family()}s", self._two_stems()))
        plain = f"{stem} {trade}"
        forms: tuple[str, ...]
        match kind:
            case "company":
                forms = (f"{plain} AB",) * 7 + (
                    f"AB {plain}",
                    f"{plain} Aktiebolag",
                    f"{plain} i {self._town()} AB",
                    f"{plain} AB (publ)",
                )
            case "partnership":
                forms = (f"{plain} HB", f"{plain} KB", f"HB {plain}")
            case "association":
                forms = (f"{plain} ek. för.", f"Bostadsrättsföreningen {self._stem()}", f"Brf {self._two_stems()}")
            case _:
                forms = (f"Stiftelsen {plain}", f"{self._stem()}s stiftelse")
        return chance.choice(forms)

    def _unused(self, draw: Callable[[], str]) -> str:
        for attempt in range(1000):
            name = draw() if attempt < 20 else f"{draw()} {self._stem()}"
            if name.casefold() not in self._names:
                self._names.add(name.casefold())
                return name
        raise RuntimeError("the vocabulary is used up: ask for a smaller register")

    def _stem(self) -> str:
        return self._chance.choice(words.FIRST) + self._chance.choice(words.SECOND)

    def _two_stems(self) -> str:
        return f"{self._stem()} & {self._stem()}" if self._chance.random() < 0.5 else f"{self._stem()}-{self._stem()}"

    def _family(self) -> str:
        return self._chance.choice(words.FIRST) + self._chance.choice(words.FAMILY_SECOND)

    def _town(self) -> str:
        return str(self._chance.choice(words.TOWNS)[0])

    def _address(self) -> Address:
        town = self._chance.choices(words.TOWNS, [town[3] for town in words.TOWNS])[0][0]
        number = f"{self._chance.randint(1, 120)}{self._chance.choice(('', '', '', '', ' A', ' B', 'C'))}"
        return Address(f"{self._stem()}{self._chance.choice(words.STREETS)} {number}", self._postcode(town), town)

    def _postcode(self, city: str) -> str:
        prefixes = next(town[1] for town in words.TOWNS if town[0] == city)
        return f"{self._chance.choice(prefixes)}{self._chance.randint(10, 69)}"

    def _phone(self, area: str) -> str:
        return area + filled("#######" if area in ("08", "070", "010") else "######", self._chance)


def _ascii(text: str) -> str:
    """Small letters and digits only, as in a domain."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
