"""What an identity is found by in the slice: the ladder's keys, and those by which likely candidates are found; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from uuid import UUID

import normal_forms
from contracts.values import Company, Customer
from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.linking.columns import MOST_WORDS
from matcher.records import CompanyRecord, CustomerRecord

_KEYS_VERSION = 0
FORMS_VERSION = normal_forms.VERSION + _KEYS_VERSION
"""Rises with every change of the normal forms or of the keys: at the next start every stored record is read again."""
_HEAD, _TAIL, _NAME_HEAD = 6, 5, 5

Hash = Callable[[UUID, str, str], int]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Keys:
    """Hashed keys of one record. `digest` differs when anything differs that a decision looks at."""

    ladder: tuple[int, ...]
    likeness: tuple[int, ...]
    digest: int


def keys_of(hashed: Hash, connection_id: UUID, identity: Identity) -> Keys:
    """The keys of an identity within its connection."""
    return Keys(
        _hashed(hashed, connection_id, ladder_keys(identity)),
        _hashed(hashed, connection_id, likeness_keys(identity)),
        hashed(connection_id, "identity", repr(identity)),
    )


def ladder_keys(identity: Identity) -> list[Pair]:
    """Whatever the ladder looks records up by: numbers, and names in any order of words (linking.ladder)."""
    found = [("number", number) for number in (identity.number, identity.vat_number)]
    found += [("name", name.sorted_core) for name in (identity.name, identity.other_name)]
    return [pair for pair in found if pair[1]]


def likeness_keys(identity: Identity) -> list[Pair]:
    """The keys of linking.blocking as texts: who shares one that is not too common may be the same.

    There they are joined as arrays of numbers, for two whole registers at once; here they are hashed one by one. A test holds
    the two lists together, and says what this one lacks.
    """
    postcodes, towns = {identity.postcode, identity.other_postcode}, {identity.town, identity.other_town}
    streets = {identity.street, identity.other_street}
    words = list(dict.fromkeys((*identity.name.words, *identity.other_name.words)))[:MOST_WORDS]
    head = identity.name.core[:_NAME_HEAD]
    found = [("digits_head", identity.digits[:_HEAD]), ("digits_tail", identity.digits[-_TAIL:])]
    found += [("phone", identity.phone), ("email", identity.email)]
    found += [("domain", domain) for domain in (identity.domain, identity.other_domain)]
    found += [("word", word) for word in words]
    found += [("word_and_postcode", _both(*pair)) for pair in product(words, postcodes)]
    found += [("name_head_and_postcode", _both(head, postcode)) for postcode in postcodes]
    found += [("name_head_and_town", _both(head, town)) for town in towns]
    found += [("street_and_postcode", _both(*pair)) for pair in product(streets, postcodes)]
    found += [("street_and_town", _both(*pair)) for pair in product(streets, towns)]
    return [pair for pair in found if pair[1]]


def company_record(company: Company) -> CompanyRecord:
    """A company of Lime Go as linking takes it; numbers stand as they are written."""
    postal, visiting = company.postal_address, company.visiting_address
    return CompanyRecord(
        company.company_id,
        company.name,
        company.organisation_number or "",
        company.phone or "",
        company.email or "",
        "",
        postal.street or "",
        postal.postcode or "",
        postal.city or "",
        postal.country_code or visiting.country_code or "",
        visiting.street or "",
        visiting.postcode or "",
        visiting.city or "",
    )


def customer_record(customer: Customer) -> CustomerRecord:
    """A customer of Fortnox as linking takes it; the slim list holds neither VAT number nor country."""
    address = customer.address
    return CustomerRecord(
        customer_number=customer.customer_number,
        name=customer.name,
        organisation_number=customer.organisation_number or "",
        phone=customer.phone or "",
        email=customer.email or "",
        address1=address.street or "",
        zip_code=address.postcode or "",
        city=address.city or "",
        country_code=address.country_code or "",
        active=customer.active is not False,
    )


def company_identity(company: Company) -> Identity:
    """The company's normal form."""
    return identity_of_company(company_record(company))


def customer_identity(customer: Customer) -> Identity:
    """The customer's normal form."""
    return identity_of_customer(customer_record(customer))


def _both(first: str, second: str) -> str:
    return f"{first}\0{second}" if first and second else ""


def _hashed(hashed: Hash, connection_id: UUID, pairs: Iterable[Pair]) -> tuple[int, ...]:
    return tuple(sorted({hashed(connection_id, kind, value) for kind, value in pairs}))
