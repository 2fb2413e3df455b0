"""How the GraphQL fields are read: paging, search, and what each kind of key may see."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from graphql import GraphQLResolveInfo

from sandbox.limego.database import number
from sandbox.limego.index import Index
from sandbox.limego.records import COMPANY, SOURCES, Coworker, Deal, Organization, Person
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller

MOST = 20
Id = TypeVar("Id", str, int)
Resolver = Callable[..., Any]
Info = GraphQLResolveInfo[Caller]


def _page(caller: Caller, found: Iterable[Id], first: int | None, offset: int | None) -> list[Id]:
    first, offset = 10 if first is None else first, offset or 0
    if first < 0 or offset < 0:
        raise RuleError("first and offset cannot be negative")
    if first > MOST:
        if caller.limego.switches.too_many == "error":
            raise RuleError(f"first is at most {MOST}")
        first = MOST
    return list(islice(found, offset, offset + first))


def _search(caller: Caller, index: Index[Id], query: str | None) -> Iterable[Id]:
    clock, switches = caller.limego.clock, caller.limego.switches
    then = clock.monotonic() - clock.seconds(switches.search_lag)
    # Of persons it is documented what a search reads.
    names_only = switches.search_names_only and index is not caller.database.person_index
    texts = (query, query.replace("-", ""), f"{query[:6]}-{query[6:]}") if query and switches.search_ignores_dash else (query,)
    if len(texts) == 1:
        return index.search(query, then, names_only=names_only)
    return dict.fromkeys(one for text in texts for one in index.search(text, then, names_only=names_only))


def organization(source: object, info: Info, id: str) -> Organization | None:
    """One company; an unknown one is null."""
    ids = (id, *(f"{name}{id}" for name in SOURCES)) if info.context.limego.switches.id_without_source else (id,)
    found = info.context.database.organizations
    if info.context.limego.switches.merged_id == "survivor":
        ids = tuple(info.context.database.survivor(one) for one in ids)
    return next((found[one] for one in ids if one in found), None)


def person(source: object, info: Info, id: str) -> Person | None:
    """One person; an unknown one is null."""
    return info.context.database.persons.get(id)


def deal(source: object, info: Info, id: int) -> Deal | None:
    """One deal; an unknown one is null."""
    return info.context.database.deals.get(id)


def organizations(
    source: object, info: Info, query: str | None = None, first: int | None = None, offset: int | None = None
) -> list[Organization]:
    """A page of companies."""
    caller = info.context
    found = _page(caller, _search(caller, caller.database.organization_index, query), first, offset)
    return [caller.database.organizations[one] for one in found]


def persons(
    source: object, info: Info, query: str | None = None, first: int | None = None, offset: int | None = None
) -> list[Person]:
    """A page of persons."""
    caller = info.context
    found = _page(caller, _search(caller, caller.database.person_index, query), first, offset)
    return [caller.database.persons[one] for one in found]


def deals(
    source: object, info: Info, query: str | None = None, first: int | None = None, offset: int | None = None
) -> list[Deal]:
    """A page of deals."""
    caller = info.context
    found = _page(caller, _search(caller, caller.database.deal_index, query), first, offset)
    return [caller.database.deals[one] for one in found]


def employees(
    source: Organization,
    info: Info,
    query: str | None = None,
    first: int | None = None,
    offset: int | None = None,
) -> list[Person]:
    """A page of a company's persons."""
    caller = info.context
    mine = caller.database.persons_of.get(source.id, [])
    if query:
        found = set(_search(caller, caller.database.person_index, query))
        mine = [one for one in mine if one in found]
    return [caller.database.persons[one] for one in _page(caller, mine, first, offset)]


def deals_of(
    source: Organization,
    info: Info,
    query: str | None = None,
    first: int | None = None,
    offset: int | None = None,
) -> list[Deal]:
    """A page of a company's deals."""
    caller = info.context
    mine = caller.database.deals_of.get(source.id, [])
    if query:
        found = set(_search(caller, caller.database.deal_index, query))
        mine = [one for one in mine if one in found]
    return [caller.database.deals[one] for one in _page(caller, mine, first, offset)]


def hidden(read: Callable[[Any], Any], *, absent: object = None, rest: bool = False) -> Resolver:
    """A field that a company key with reduced data may not read. `absent` is how a record without it shows it; `rest` marks
    what the documentation neither promises to such a key nor denies it."""

    def resolve(source: object, info: Info) -> Any:
        switches = info.context.limego.switches
        if info.context.key.kind != COMPANY or (rest and switches.company_key_reads_rest):
            return read(source)
        if switches.hidden_as == "error":
            raise RuleError(f"This API key may not read {info.field_name}")
        return absent if switches.hidden_as == "absent" else None

    return resolve


def plain(name: str) -> Resolver:
    """A field that is an attribute of the record."""

    def resolve(source: object, info: Info) -> Any:
        return getattr(source, name)

    return resolve


def related(attribute: str, table: str) -> Resolver:
    """A field that follows an id to another record."""

    def resolve(source: object, info: Info) -> Any:
        record_id = getattr(source, attribute)
        return None if record_id is None else getattr(info.context.database, table).get(record_id)

    return resolve


def custom_fields(kind: str) -> Resolver:
    """The custom fields that have a value, in the order in which the administrator made them."""

    def resolve(source: Any, info: Info) -> list[dict[str, str]]:
        types = {one.title: one.type for one in info.context.database.custom_fields[kind]}
        titles = [*types, *(title for title in source.custom_fields if title not in types)]
        return [
            {"title": title, "type": types.get(title, "String"), "value": source.custom_fields[title]}
            for title in titles
            if title in source.custom_fields
        ]

    return resolve


def _city(source: Organization) -> str | None:
    return source.postal_address.city if source.postal_address else None


def _customer_name(source: Deal, info: Info) -> str | None:
    customer = info.context.database.organizations.get(source.organization or "")
    return customer.name if customer else None


def _employer_name(source: Person, info: Info) -> str | None:
    employer = info.context.database.organizations.get(source.employer or "")
    return employer.name if employer else None


def _assessment(source: Deal, info: Info) -> str:
    return info.context.database.assessment(source)


def _coworker_name(source: Coworker, info: Info) -> str:
    return source.name


def _integration_id(source: Organization, info: Info) -> str | int | None:
    found = source.integration_id
    return int(found) if found and found.isdecimal() and info.context.limego.switches.integration_id_numbers else found


FIELDS: dict[str, dict[str, Resolver]] = {
    "Query": {
        "organization": organization,
        "organizations": organizations,
        "person": person,
        "persons": persons,
        "deal": deal,
        "deals": deals,
    },
    "Organization": {
        "city": hidden(_city),
        "email": hidden(lambda source: source.email),
        "phoneNumber": hidden(lambda source: source.phone_number, absent=[]),
        "organizationNumber": plain("organization_number"),
        "responsibleCoworker": related("responsible", "coworkers"),
        "customFields": custom_fields("organization"),
        "integrationId": _integration_id,
        "temperature": hidden(lambda source: source.temperature, rest=True),
        "customerRelation": plain("customer_relation"),
        "employees": employees,
        "deals": deals_of,
        "postalAddress": hidden(lambda source: source.postal_address),
        "visitAddress": hidden(lambda source: source.visit_address),
    },
    "Address": {"zipCode": plain("zip_code"), "countryCode": plain("country_code")},
    "Coworker": {
        "name": _coworker_name,
        "email": hidden(lambda source: source.email, rest=True),
        "phoneNumber": hidden(lambda source: source.phone_number, rest=True),
    },
    "Person": {
        "phoneNumber": hidden(lambda source: source.phone_number, absent=[]),
        "employerName": _employer_name,
        "employer": related("employer", "organizations"),
        "customFields": custom_fields("person"),
    },
    "Deal": {
        "customerName": _customer_name,
        "customer": related("organization", "organizations"),
        "responsibleCoworker": related("responsible", "coworkers"),
        "customFields": custom_fields("deal"),
        "value": hidden(lambda source: number(source.value), rest=True),
        "statusAssessment": _assessment,
        "customerContact": related("contact", "persons"),
    },
}
