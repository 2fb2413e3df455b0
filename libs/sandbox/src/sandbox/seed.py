"""Believable Swedish companies, the same for both emulators: composed names, valid check digits, nobody real."""

import random
from dataclasses import dataclass

FIRST = (
    "Nord", "Syd", "Väst", "Öst", "Berg", "Lind", "Ek", "Björk", "Gran", "Sjö", "Älv", "Ås", "Hav", "Strand", "Skog", "Kvarn",
    "Brunn", "Stens", "Sand", "Lyck", "Fjäll", "Holm", "Ström", "Dal",
)  # fmt: skip
SECOND = (
    "viken", "backa", "tuna", "gården", "åsen", "höjden", "lunda", "hamra", "torpa", "näset", "bro", "forsen", "hult", "rya",
)  # fmt: skip
TRADES = (
    "Bygg", "El", "Rör", "Måleri", "Redovisning", "Konsult", "Transport", "Fastigheter", "Teknik", "Plåt", "Golv", "Data",
    "Reklam", "Trädgård", "Städ", "Mekaniska", "Livs", "Kök", "Glas", "Utbildning", "Design", "Logistik", "Energi", "Ventilation",
)  # fmt: skip
STREETS = ("Storgatan", "Kungsgatan", "Industrigatan", "Hamngatan", "Skolgatan", "Verkstadsgatan", "Ringvägen", "Järnvägsgatan")
CITIES = (
    ("Stockholm", "111"), ("Göteborg", "411"), ("Malmö", "211"), ("Uppsala", "753"), ("Västerås", "722"), ("Örebro", "702"),
    ("Linköping", "582"), ("Helsingborg", "252"), ("Jönköping", "553"), ("Norrköping", "602"), ("Lund", "222"), ("Umeå", "903"),
    ("Gävle", "803"), ("Borås", "503"), ("Sundsvall", "852"), ("Växjö", "352"), ("Karlstad", "652"), ("Luleå", "972"),
)  # fmt: skip
ASCII = str.maketrans("åäöÅÄÖ", "aaoAAO")


@dataclass(frozen=True)
class SeedCompany:
    """One company. `organisation_number` is ten digits, with or without its dash, and "" for the few that have none;
    `in_fortnox` says that Fortnox has it as a customer from the start."""

    organisation_number: str
    name: str
    street: str
    zip_code: str
    city: str
    phone: str
    email: str
    in_fortnox: bool


def check_digit(nine: str) -> int:
    """Luhn's check digit for the first nine digits of an organisation number."""
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(nine))
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def organisation_number(rand: random.Random) -> str:
    """A valid number in the form of a limited company's (group 5, third digit 2 or more), without dash. The series
    559 9xx is so high that few or none are given out."""
    nine = f"5599{rand.randrange(100_000):05d}"
    return f"{nine}{check_digit(nine)}"


def companies(count: int, seed: int = 1, share_in_fortnox: float = 0.4) -> list[SeedCompany]:
    """Makes `count` companies, always the same for a seed. One in three numbers has a dash, one in forty has no
    number, and the last two share one."""
    rand = random.Random(f"companies:{seed}")
    numbers = _numbers(rand, count)
    names = _names(rand, count)
    return [_company(rand, number, name, share_in_fortnox) for number, name in zip(numbers, names, strict=True)]


def _numbers(rand: random.Random, count: int) -> list[str]:
    plain: dict[str, None] = {}
    while len(plain) < count:
        plain[organisation_number(rand)] = None
    numbers = [f"{n[:6]}-{n[6:]}" if i % 3 == 1 else n for i, n in enumerate(plain)]
    for index in range(20, count, 40):
        numbers[index] = ""
    if count >= 4:
        numbers[-1] = numbers[-2]
    return numbers


def _names(rand: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        place = rand.choice(FIRST) + rand.choice(SECOND)
        suffix = "" if len(names) < 4000 else f" {len(names)}"
        names[f"{place}s {rand.choice(TRADES)}{suffix} AB"] = None
    return list(names)


def _company(rand: random.Random, number: str, name: str, share: float) -> SeedCompany:
    city, zip_start = rand.choice(CITIES)
    domain = name.removesuffix(" AB").lower().translate(ASCII).replace(" ", "-")
    return SeedCompany(
        organisation_number=number,
        name=name,
        street=f"{rand.choice(STREETS)} {rand.randrange(1, 90)}",
        zip_code=f"{zip_start} {rand.randrange(10, 99)}",
        city=city,
        phone=f"010-{rand.randrange(100, 999)} {rand.randrange(10, 99)} {rand.randrange(10, 99)}",
        email=f"info@{domain}.example",
        in_fortnox=rand.random() < share,
    )
