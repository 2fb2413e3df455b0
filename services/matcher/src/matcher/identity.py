"""A record of either register in its normal form: the same fields for a company and for a customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from matcher.records import CompanyRecord, CustomerRecord
from normal_forms.contacts import domain_of, read_domain, read_email, read_phone
from normal_forms.names import NOTHING, Name, read_names
from normal_forms.numbers import is_personal, read_digits, read_identifier
from normal_forms.places import read_country, read_postcode, read_street, read_town, split_postcode_line


class Identity(NamedTuple):
    """What of a record is compared; "" where nothing is known. A tuple, for a hundred thousand are made at once.

    `number` is a valid organisation number or foreign number, `vat_number` the one of the VAT field. `digits` is what is
    compared when scoring: the valid number, else whatever stands in the field. An address is a street, a postcode and a
    town; a record has up to two streets and up to two places.
    """

    record_id: str
    number: str = ""
    vat_number: str = ""
    digits: str = ""
    name: Name = NOTHING
    other_name: Name = NOTHING
    phone: str = ""
    email: str = ""
    domain: str = ""
    other_domain: str = ""
    street: str = ""
    other_street: str = ""
    postcode: str = ""
    other_postcode: str = ""
    town: str = ""
    other_town: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether the number is a sole trader's personal number."""
        return bool(self.number) and is_personal(self.number)


def identity_of_company(record: CompanyRecord) -> Identity:
    """The normal form of a company in Lime Go."""
    country = read_country(record.country_code)
    number = read_identifier(record.organisation_number, country)
    name, other_name = _names(record.name)
    email = read_email(record.email)
    domain, other_domain = _two(read_domain(record.website), domain_of(email))
    street, other_street = _read_two(read_street, record.street, record.visiting_street)
    postcode, other_postcode = _read_two(read_postcode, record.postcode, record.visiting_postcode)
    town, other_town = _read_two(read_town, record.city, record.visiting_city)
    return Identity(
        record.company_id,
        number,
        "",
        number or read_digits(record.organisation_number),
        name,
        other_name,
        read_phone(record.phone, country),
        email,
        domain,
        other_domain,
        street,
        other_street,
        postcode,
        other_postcode,
        town,
        other_town,
    )


def identity_of_customer(record: CustomerRecord) -> Identity:
    """The normal form of a customer in Fortnox, whose second address line may hold the street or the postcode and town."""
    country = read_country(record.country_code)
    number = read_identifier(record.organisation_number, country)
    vat_number = read_identifier(record.vat_number, country)
    name, other_name = _names(record.name)
    email = read_email(record.email)
    lines = [record.address1, record.address2]
    postcode, town = read_postcode(record.zip_code), read_town(record.city)
    split = [split_postcode_line(line) for line in lines]
    if found := split[0] or split[1]:
        lines = [line for line, parts in zip(lines, split, strict=True) if not parts] + ["", ""]
        postcode, town = postcode or found[0], town or found[1]
    street, other_street = _read_two(read_street, lines[0], lines[1])
    return Identity(
        record.customer_number,
        number,
        vat_number,
        number or read_digits(record.organisation_number) or vat_number,
        name,
        other_name,
        read_phone(record.phone, country),
        email,
        domain_of(email),
        "",
        street,
        other_street,
        postcode,
        "",
        town,
        "",
    )


def _names(text: str) -> tuple[Name, Name]:
    names = read_names(text)
    return (names[0] if names else NOTHING), (names[1] if len(names) > 1 else NOTHING)


def _read_two(read: Callable[[str], str], first: str, second: str) -> tuple[str, str]:
    """The normal forms of both; read once where they are written alike, as two addresses of a company often are."""
    return (read(first), "") if second == first else _two(read(first), read(second))


def _two(first: str, second: str) -> tuple[str, str]:
    """Both, the known one first, none twice."""
    if not first:
        return second, ""
    return first, "" if second == first else second
