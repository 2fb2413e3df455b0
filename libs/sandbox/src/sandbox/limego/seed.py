"""Fills the database `bolaget` with a believable register: companies, persons, coworkers and a pipeline of deals."""

import random
from decimal import Decimal

from sandbox.limego.database import DEFAULT, Database
from sandbox.limego.eventlog import note
from sandbox.limego.records import Address, Coworker, Deal, Organization, Person
from sandbox.limego.world import LimeGo
from sandbox.seed import SeedCompany

FIRST_NAMES = (
    "Astrid", "Bosse", "Cilla", "Dag", "Ebba", "Folke", "Greta", "Harald", "Inga", "Jarl", "Kerstin", "Lage", "Majken", "Nils",
    "Olga", "Pontus", "Rut", "Sixten", "Tora", "Ulf", "Vera", "Yngve",
)  # fmt: skip
LAST_NAMES = (
    "Almfors", "Barrhed", "Cedervall", "Dungmark", "Ekhagling", "Furunger", "Granrot", "Hasselby", "Idelund", "Junimark",
    "Klintåker", "Lönnhed", "Mossvik", "Nävermark", "Orrdal", "Pilhage", "Rönnbäcka", "Sälgstig", "Tallmo", "Videgård",
)  # fmt: skip
ROLES = ("VD", "Inköpare", "Ekonomiansvarig", "Platschef", "Marknadschef")
THINGS = (
    "Serviceavtal", "Konsulttimmar", "Uppgradering", "Ny anläggning", "Utbildning", "Licenser", "Årsabonnemang", "Förstudie",
    "Leverans", "Installation", "Underhåll", "Ramavtal",
)  # fmt: skip
WHERE = ("våren", "sommaren", "hösten", "vintern", "lagret", "kontoret", "verkstaden", "butiken", "etapp 1", "etapp 2")
SOURCES = ("Rekommendation", "Webben", "Mässa", "Merförsäljning", "Kall kontakt")
STATUSES = ("Ny", "Ny", "Offert", "Offert", "Förhandling", "ORDER", "ORDER", "ORDER", "Förlorad")
OLD_EVENTS = 40


def seed(limego: LimeGo, companies: list[SeedCompany], seed: int) -> None:
    """Adds the companies to `bolaget`, the same way for the same seed. What is won here was won long ago; the feed
    still holds the last of those wins."""
    database = limego.databases[DEFAULT]
    rand = random.Random(f"limego:{seed}")
    for number in range(2, 6):
        database.coworkers[number] = _coworker(rand, number)
    seen = set[str]()
    for index, company in enumerate(companies):
        digits = company.organisation_number.replace("-", "")
        # Lime's register has each number once, and no company without one: those somebody typed in.
        registered = bool(digits) and digits not in seen
        seen.add(digits)
        organization = _organization(rand, f"pase{106_001 + index}" if registered else database.new_organization_id(), company)
        database.add(organization)
        for _ in range(rand.choice((1, 1, 1, 2))):
            database.add(_person(rand, database, organization, company))
        for _ in range(rand.choice((0, 1, 1, 2, 3))):
            _deal(rand, database, organization)
    won = [deal for deal in database.deals.values() if deal.status == "ORDER"]
    for deal in won[-OLD_EVENTS:]:
        coworker = database.coworkers.get(deal.responsible or 0)
        note(database, "DealWon", coworker, database.organizations.get(deal.organization or ""), deal)
        note(database, "DealStatusChange", coworker, database.organizations.get(deal.organization or ""), deal)


def _coworker(rand: random.Random, number: int) -> Coworker:
    first, last = rand.choice(FIRST_NAMES), rand.choice(LAST_NAMES)
    return Coworker(number, first, last, f"{_ascii(first)}.{_ascii(last)}@bolaget.example", f"010-555 01 {number:02d}")


def _organization(rand: random.Random, organization_id: str, company: SeedCompany) -> Organization:
    address = Address(company.street, company.zip_code, company.city, "SE")
    relation = "IS_A_CUSTOMER" if company.in_fortnox else rand.choice(("NO_RELATION", "WORKING_ON_IT", "BEEN_IN_TOUCH"))
    return Organization(
        id=organization_id,
        name=company.name,
        organization_number=company.organisation_number or None,
        email=company.email or None,
        phone_number=[company.phone] if company.phone else [],
        postal_address=address,
        visit_address=Address(company.street, company.zip_code, company.city, "SE"),
        responsible=rand.randrange(1, 6),
        temperature=round(rand.random() * 100, 2),
        customer_relation=relation,
        tags=["Import"] if rand.random() < 0.2 else [],
    )


def _person(rand: random.Random, database: Database, organization: Organization, company: SeedCompany) -> Person:
    first, last = rand.choice(FIRST_NAMES), rand.choice(LAST_NAMES)
    domain = company.email.partition("@")[2] or "firma.example"
    return Person(
        id=f"pase{1_578_001 + len(database.persons)}",
        name=f"{first} {last}",
        email=f"{_ascii(first)}.{_ascii(last)}@{domain}",
        phone_number=[f"070-555 {rand.randrange(10, 99)} {rand.randrange(10, 99)}"],
        employer=organization.id,
        custom_fields={"Roll": rand.choice(ROLES)},
    )


def _deal(rand: random.Random, database: Database, organization: Organization) -> None:
    status = rand.choice(STATUSES)
    deal = Deal(
        id=database.new_deal_id(),
        name=f"{rand.choice(THINGS)}, {rand.choice(WHERE)}",
        status=status,
        organization=organization.id,
        value=Decimal(rand.randrange(8, 480) * 500),
        source=rand.choice(SOURCES),
        responsible=organization.responsible,
        contact=database.persons_of[organization.id][0],
    )
    database.add(deal)
    if status == "ORDER":
        organization.customer_relation = "IS_A_CUSTOMER"


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("åäö", "aao"))
