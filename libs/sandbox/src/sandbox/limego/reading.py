"""How the GraphQL fields are read: paging, search, and what each kind of key may see."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from graphql import GraphQLResolveInfo

from sandbox.limego.database import number
from sandbox.limego.index import Index
from sandbox.limego.records import COMPANY, Coworker, Deal, Organization, Person
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
    if not query or not switches.search_ignores_dash:
        return index.search(query, then)
    return dict.fromkeys(
        one for text in (query, query.replace("-", ""), f"{query[:6]}-{query[6:]}") for one in index.search(text, then)
    )


def organization(source: object, info: Info, id: str) -> Organization | None:
    """One company; an unknown one is null."""
    return info.context.database.organizations.get(id)


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


def hidden(read: Callable[[Any], Any], otherwise: object = None) -> Resolver:
    """A field that a company key with reduced data gets as `otherwise`."""

    def resolve(source: object, info: Info) -> Any:
        return otherwise if info.context.key.kind == COMPANY else read(source)

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
        "phoneNumber": hidden(lambda source: source.phone_number),
        "organizationNumber": plain("organization_number"),
        "responsibleCoworker": related("responsible", "coworkers"),
        "customFields": custom_fields("organization"),
        "integrationId": plain("integration_id"),
        "customerRelation": plain("customer_relation"),
        "employees": employees,
        "deals": deals_of,
        "postalAddress": hidden(lambda source: source.postal_address),
        "visitAddress": hidden(lambda source: source.visit_address),
    },
    "Address": {"zipCode": plain("zip_code"), "countryCode": plain("country_code")},
    "Coworker": {"name": _coworker_name, "phoneNumber": plain("phone_number")},
    "Person": {
        "phoneNumber": hidden(lambda source: source.phone_number),
        "employerName": _employer_name,
        "employer": related("employer", "organizations"),
        "customFields": custom_fields("person"),
    },
    "Deal": {
        "customerName": _customer_name,
        "customer": related("organization", "organizations"),
        "responsibleCoworker": related("responsible", "coworkers"),
        "customFields": custom_fields("deal"),
        "value": hidden(lambda source: number(source.value)),
        "statusAssessment": _assessment,
        "customerContact": related("contact", "persons"),
    },
}
