"""A register made to deceive: each case looks like a link, by a rule that is right nearly always, and is none or another one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from support.registers.corruption import CLEAN, valid_swaps
from support.registers.entities import Entity, World
from support.registers.generator import Registers, registers
from support.registers.writing import Pen


@dataclass(frozen=True)
class Deception:
    """What both registers hold of a case; the truth are places in the two tuples: which customer is which company."""

    companies: tuple[Entity, ...]
    customers: tuple[Entity, ...]
    truth: dict[int, int]


def a_deceiving_register(seed: int, size: int = 1000, each: int = 50) -> Registers:
    """A clean register of the size with `each` cases of every deception in it; `struck` names the deception."""
    made = registers(seed, size, CLEAN)
    chance = random.Random(f"deceiving {seed}")
    world, pen = World(chance), Pen(chance)
    for name, deceive in DECEPTIONS.items():
        for _ in range(each):
            deception = deceive(world, chance)
            ids = [f"{name}-c{len(made.companies) + place}" for place in range(len(deception.companies))]
            made.companies += [pen.company(id_, entity) for id_, entity in zip(ids, deception.companies, strict=True)]
            for place, entity in enumerate(deception.customers):
                number = f"{name}-k{len(made.customers)}"
                made.customers.append(pen.customer(number, entity))
                made.struck[number] = {name}
                if place in deception.truth:
                    made.truth[number] = ids[deception.truth[place]]
    chance.shuffle(made.companies)
    chance.shuffle(made.customers)
    return made


def _namesake_at_the_address(world: World, chance: random.Random) -> Deception:
    """A bankrupt company's successor: same name, same address, another number. Lime Go has the old one, Fortnox the new."""
    old = world.entity("company")
    return Deception((old,), (replace(old, number=world.entity("company").number),), {})


def _two_namesakes(world: World, chance: random.Random) -> Deception:
    """The same, with both of them in Lime Go and a customer without a number: either may be meant."""
    old = world.entity("company")
    new = replace(old, number=world.entity("company").number)
    return Deception((old, new), (replace(new, number=""),), {0: 1})


def _parents_number(world: World, chance: random.Random) -> Deception:
    """The customer is the subsidiary, by name, and bears the number of the parent; both are in Lime Go."""
    parent = world.entity("company")
    subsidiary = world.sibling(parent)
    return Deception((parent, subsidiary), (replace(subsidiary, number=parent.number),), {0: 1})


def _unlike_parents_number(world: World, chance: random.Random) -> Deception:
    """The same, where the names have nothing in common and the parent alone is in Lime Go."""
    parent, subsidiary = world.entity("company"), world.entity("company")
    return Deception((parent,), (replace(subsidiary, number=parent.number),), {})


def _valid_swap(world: World, chance: random.Random) -> Deception:
    """Two digits of the customer's number are swapped, the check digit holds, and the number is another company's."""
    meant, other = world.entity("company"), world.entity("company")
    while not (swaps := valid_swaps(meant.number)):
        meant = world.entity("company")
    swapped = chance.choice(swaps)
    return Deception((meant, replace(other, number=swapped)), (replace(meant, number=swapped),), {0: 0})


def _homonym_traders(world: World, chance: random.Random) -> Deception:
    """Two sole traders of one name in one post code; the customer is a third, who is not in Lime Go."""
    one = world.entity("person")
    other, third = (replace(one, number=world.entity("person").number, phone=world.phone()) for _ in range(2))
    return Deception((one, other), (third,), {})


def _homonym_without_number(world: World, chance: random.Random) -> Deception:
    """The same two, and the customer is one of them and has no number."""
    one = world.entity("person")
    other = replace(one, number=world.entity("person").number, phone=world.phone())
    return Deception((one, other), (replace(one, number=""),), {0: 0})


def _two_customers(world: World, chance: random.Random) -> Deception:
    """One company is in Fortnox twice under its number."""
    entity = world.entity("company")
    return Deception((entity,), (entity, replace(entity, email="")), {0: 0, 1: 0})


def _two_companies(world: World, chance: random.Random) -> Deception:
    """Two units with one number are in Lime Go, one of them is a customer."""
    unit, other = world.units(2)
    return Deception((unit, other), (unit,), {0: 0})


def _subsidiary_without_number(world: World, chance: random.Random) -> Deception:
    """The customer is a subsidiary: the parent's address, telephone and domain, no number. The parent alone is in Lime Go."""
    parent = world.entity("company")
    return Deception((parent,), (replace(world.sibling(parent), number=""),), {})


def _trader_without_number(world: World, chance: random.Random) -> Deception:
    """The customer is a sole trader without a number, whose namesake next door, with another telephone, is in Lime Go."""
    one = world.entity("person")
    street, _, number = one.postal.street.rpartition(" ")
    door = int(number) + 2 if number.isdigit() else 1
    postal = replace(one.postal, street=f"{street} {door}")
    other = replace(one, number="", postal=postal, visiting=postal, phone=world.phone(), email="", website="")
    return Deception((one,), (other,), {})


DECEPTIONS: dict[str, Callable[[World, random.Random], Deception]] = {
    "namesake": _namesake_at_the_address,
    "namesakes": _two_namesakes,
    "parent": _parents_number,
    "unlike-parent": _unlike_parents_number,
    "swap": _valid_swap,
    "homonym": _homonym_traders,
    "homonyms": _homonym_without_number,
    "twice": _two_customers,
    "units": _two_companies,
    "subsidiary": _subsidiary_without_number,
    "trader": _trader_without_number,
}
"""By the name that `struck` and the ids bear."""
