"""The rungs that decide by themselves: people's decisions, numbers, and the exact legal name with its postcode.

What is ambiguous is never guessed: it leaves the ladder as a review with its candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matcher.identity import Identity
from matcher.linking import agreement
from matcher.records import ReviewReason, Rung

Index = dict[str, list[int]]

MOST_POINTED = 20
"""Of the companies that a step points at so many are compared: who points at more says little of any."""
MOST_NAMESAKES = 1_000
"""Where more records bear a name it is not asked which of them are near."""

_PEOPLES = frozenset({Rung.LINK, Rung.APPROVAL})
_NUMBERS = frozenset({Rung.ORGANISATION_NUMBER, Rung.VAT_NUMBER, Rung.PERSONAL_NUMBER})
_NOBODY = -1
# Their names are protected where they work only: the same name in another town is another one.
_LOCAL_FORMS = frozenset({"brf", "stiftelse", "ideell", "ekfor", "hb", "kb"})
# "Firma" stands before a person's name, which nobody owns.
_NO_PROTECTED_NAME = frozenset({"", "firma"})


class Step(NamedTuple):
    """What the ladder says of a customer: the company (its place in the register) by a rung, or why a person must look."""

    company: int | None = None
    rung: Rung | None = None
    reason: ReviewReason | None = None
    candidates: Sequence[int] = ()


@dataclass
class Ladder:
    """Both registers, indexed by what the rungs look at. `taken` says which company is which customer, and by which rung."""

    companies: Sequence[Identity]
    customers: list[Identity]
    companies_by_number: Index = field(default_factory=dict)
    customers_by_number: Index = field(default_factory=dict)
    companies_by_name: Index = field(default_factory=dict)
    customers_by_name: Index = field(default_factory=dict)
    companies_by_id: dict[str, int] = field(default_factory=dict)
    taken: dict[int, tuple[int, Rung]] = field(default_factory=dict)

    @classmethod
    def over(cls, companies: Sequence[Identity], customers: Sequence[Identity]) -> Ladder:
        """Indexes both registers, once through each."""
        return cls(
            companies,
            list(customers),
            _index(companies, _numbers),
            _index(customers, _numbers),
            _index(companies, _cores),
            _index(customers, _cores),
            {company.record_id: place for place, company in enumerate(companies)},
        )

    def climb(self, links: Mapping[str, str], approvals: Mapping[str, str]) -> list[Step | None]:
        """A step per customer; None where the rungs are silent. All customers try one rung before any tries the next."""
        steps: list[Step | None] = [None] * len(self.customers)
        for decided, rung in ((links, Rung.LINK), (approvals, Rung.APPROVAL)):
            if decided:
                self._take_decisions(steps, decided, rung)
        for rung_of in (self.by_number, self.by_name_and_postcode):
            found = [(place, rung_of(place)) for place, step in enumerate(steps) if step is None]
            for place, step in found:
                steps[place] = step
                if step is not None and step.company is not None and step.rung is not None:
                    self.taken[step.company] = (place, step.rung)
        return steps

    def reserve(self, company_ids: Iterable[str]) -> None:
        """Companies that people gave to somebody: no rung gives them to another."""
        for company_id in company_ids:
            if (company := self.companies_by_id.get(company_id)) is not None:
                self.taken[company] = (_NOBODY, Rung.LINK)

    def _take_decisions(self, steps: list[Step | None], decided: Mapping[str, str], rung: Rung) -> None:
        wanted: dict[int, list[int]] = defaultdict(list)
        for place, customer in enumerate(self.customers):
            company_id = decided.get(customer.record_id)
            if company_id is None or steps[place] is not None:
                continue
            if (company := self.companies_by_id.get(company_id)) is None:
                steps[place] = Step(reason=ReviewReason.LINKED_COMPANY_MISSING)
            elif company in self.taken:
                steps[place] = Step(reason=ReviewReason.COMPANY_TAKEN, candidates=(company,))
            else:
                wanted[company].append(place)
        for company, places in wanted.items():
            self.taken[company] = (places[0], rung)
            for place in places:
                is_alone = len(places) == 1
                steps[place] = (
                    Step(company, rung) if is_alone else Step(reason=ReviewReason.SEVERAL_CUSTOMERS, candidates=(company,))
                )

    def step(self, customer: Identity) -> tuple[Step | None, frozenset[int]]:
        """What the rungs would say of one more customer, and which companies would lose theirs for its sake.

        Everything stays as it is. No person has decided about the customer.
        """
        place = len(self.customers)
        self.customers.append(customer)
        _enter(self.customers_by_number, _numbers(customer), place)
        _enter(self.customers_by_name, _cores(customer), place)
        concerned = {company: self.taken[company] for company in self._known_as(customer) if company in self.taken}
        freed = {company: taken for company, taken in concerned.items() if not self._keeps(company, *taken)}
        for company in freed:
            del self.taken[company]
        step = self.by_number(place) or self.by_name_and_postcode(place)
        self.taken.update(freed)
        _leave(self.customers_by_number, _numbers(customer))
        _leave(self.customers_by_name, _cores(customer))
        self.customers.pop()
        return step, frozenset(freed)

    def _known_as(self, customer: Identity) -> set[int]:
        """The companies with the customer's numbers and names."""
        by_number = (self.companies_by_number.get(number, []) for number in _numbers(customer))
        by_name = (self.companies_by_name.get(core, []) for core in _cores(customer))
        return {company for companies in (*by_number, *by_name) for company in companies}

    def _keeps(self, company: int, place: int, rung: Rung) -> bool:
        """Whether a customer that has a company still gets it by its rung."""
        if rung in _PEOPLES:
            return True
        step = self.by_name_and_postcode(place) if rung is Rung.NAME_AND_POSTCODE else self.by_number(place)
        return step is not None and step.company == company

    def _is_taken(self, company: int, by: frozenset[Rung]) -> bool:
        return company in self.taken and self.taken[company][1] in by

    def by_number(self, place: int) -> Step | None:
        """Rungs 3 and 4: a valid number that is unique on both sides, and a name that does not say otherwise."""
        customer = self.customers[place]
        own = self.companies_by_number.get(customer.number, []) if customer.number else []
        vat = self.companies_by_number.get(customer.vat_number, []) if customer.vat_number else []
        if not own and not vat:
            return None
        is_one = not own or not vat or own is vat or own == vat
        # Thousands may share a number: then they share the list of its bearers, too.
        companies = (own or vat) if is_one else list(dict.fromkeys([*own, *vat]))
        if customer.number and vat and own != vat:
            return Step(reason=ReviewReason.NUMBERS_CONTRADICT, candidates=companies)
        if len(companies) > 1:
            return Step(reason=ReviewReason.NUMBER_SHARED, candidates=companies)
        (company,) = companies
        if customer.number and self.companies[company].number not in ("", customer.number):
            return Step(reason=ReviewReason.NUMBERS_CONTRADICT, candidates=companies)
        if self._others_with_number(company, place):
            return Step(reason=ReviewReason.SEVERAL_CUSTOMERS, candidates=companies)
        if self._is_taken(company, by=_PEOPLES):
            return Step(reason=ReviewReason.COMPANY_TAKEN, candidates=companies)
        if not self._names_allow(company, place):
            return Step(reason=ReviewReason.NAME_CONTRADICTS, candidates=companies)
        return Step(company, _rung_of_number(customer))

    def _others_with_number(self, company: int, place: int) -> bool:
        """Whether another customer bears one of the company's numbers."""
        bearers = [self.customers_by_number.get(number) for number in _numbers(self.companies[company])]
        return any(found is not None and found != [place] for found in bearers)

    def _names_allow(self, company: int, place: int) -> bool:
        one, other = self.companies[company], self.customers[place]
        agree = agreement.names_agree(one, other)
        if agree is False or (agree is None and not agreement.share_contact(one, other)):
            return False
        if one.name.sorted_core == other.name.sorted_core or set(_cores(one)) & set(_cores(other)):
            return True
        # Somebody else bears the name exactly: then the number is the error.
        rivals = [self.companies_by_name.get(core) for core in _cores(other)] + [
            self.customers_by_name.get(core) for core in _cores(one)
        ]
        return not any(rivals)

    def by_name_and_postcode(self, place: int) -> Step | None:
        """Rung 5: the exact legal name and a postcode, unique both ways, with nothing that speaks against it."""
        customer = self.customers[place]
        if customer.name.form in _NO_PROTECTED_NAME:
            return None
        bearers = self.companies_by_name.get(customer.name.sorted_core, [])
        if bearers and max(len(bearers), len(self.customers_by_name[customer.name.sorted_core])) > MOST_NAMESAKES:
            return Step(reason=ReviewReason.NAME_SHARED, candidates=bearers)
        found = self._namesakes(self.companies, self.companies_by_name, customer)
        near = tuple(company for company in found if self._is_near(company, customer))
        if not near:
            return None
        rivals = self._namesakes(self.customers, self.customers_by_name, customer)
        if len(near) > 1 or len(found) > 1 or len(rivals) > 1:
            return Step(reason=ReviewReason.NAME_SHARED, candidates=near)
        (company,) = near
        if self._is_taken(company, by=_PEOPLES | _NUMBERS):
            return Step(reason=ReviewReason.COMPANY_TAKEN, candidates=near)
        if self._others_with_number(company, place):
            return Step(reason=ReviewReason.SEVERAL_CUSTOMERS, candidates=near)
        agreeing, contradicting = agreement.contacts(self.companies[company], customer)
        if contradicting and not agreeing:
            return Step(reason=ReviewReason.LITTLE_AGREES, candidates=near)
        return Step(company, Rung.NAME_AND_POSTCODE)

    def _is_near(self, company: int, customer: Identity) -> bool:
        one = self.companies[company]
        is_namesake = one.name.legal == customer.name.legal and _share_postcode(one, customer)
        return is_namesake and agreement.names_agree(one, customer) is True and not agreement.numbers_contradict(one, customer)

    @staticmethod
    def _namesakes(register: Sequence[Identity], by_name: Index, wanted: Identity) -> list[int]:
        """Those that the name may mean: the same words, the same legal form or none, whatever their number.

        Where a name is protected locally only, those in another place are others.
        """
        places = [
            place for place in by_name.get(wanted.name.sorted_core, []) if register[place].name.form in ("", wanted.name.form)
        ]
        if wanted.name.form not in _LOCAL_FORMS:
            return places
        return [place for place in places if not register[place].postcode or _share_postcode(register[place], wanted)]


def _index(register: Sequence[Identity], keys_of: Callable[[Identity], Iterable[str]]) -> Index:
    index: Index = {}
    for place, keys in enumerate(map(keys_of, register)):
        for key in keys:
            if key in index:
                index[key].append(place)
            else:
                index[key] = [place]
    return index


def _enter(index: Index, keys: Iterable[str], place: int) -> None:
    for key in keys:
        index.setdefault(key, []).append(place)


def _leave(index: Index, keys: Iterable[str]) -> None:
    """Takes back the last entry of each key."""
    for key in keys:
        index[key].pop()
        if not index[key]:
            del index[key]


def _numbers(identity: Identity) -> tuple[str, ...]:
    if not identity.vat_number or identity.vat_number == identity.number:
        return (identity.number,) if identity.number else ()
    return (identity.number, identity.vat_number) if identity.number else (identity.vat_number,)


def _cores(identity: Identity) -> tuple[str, ...]:
    cores = (identity.name.sorted_core, identity.other_name.sorted_core)
    if not cores[1] or cores[0] == cores[1]:
        return cores[:1] if cores[0] else ()
    return cores


def _rung_of_number(customer: Identity) -> Rung:
    if not customer.number or not customer.number.isdigit():
        return Rung.VAT_NUMBER
    return Rung.PERSONAL_NUMBER if customer.is_personal else Rung.ORGANISATION_NUMBER


def _share_postcode(one: Identity, other: Identity) -> bool:
    mine, theirs = {one.postcode, one.other_postcode}, {other.postcode, other.other_postcode}
    return bool(mine & theirs - {""})
