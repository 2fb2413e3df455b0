"""The rules of the connector, pure: what a reading means, compared with what was known and reported before.

A web hook, the feed and the walk only hint; what is reported is what a reading shows. Baseline deals (won before the
connection began) never trigger, also when they are reopened and won again: they are somebody's old business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from contracts.events import CompanyChanged, CustomerBecameClient, DealReopened, DealWon
from contracts.message import Message, Value
from contracts.values import Company, Deal, Trigger

CONTRADICTION_DELAYS = (5.0, 60.0, 600.0)
"""Seconds until a reading that contradicts its hint is repeated (flows.md, three lines of defence)."""


class Expectation(StrEnum):
    """What a hint says that a reading will show."""

    WON = "won"
    NOT_WON = "not_won"
    CUSTOMER = "customer"
    ANYTHING = "anything"


TRIGGERS = frozenset({Expectation.WON, Expectation.CUSTOMER})
"""Hints that must not vanish (I2): if the record cannot be read, somebody is told."""


class DealState(StrEnum):
    """What was last known of a deal. Only `won` has been reported as won."""

    OPEN = "open"
    BASELINE = "baseline"
    WON = "won"
    REOPENED = "reopened"


@dataclass(frozen=True)
class KnownDeal:
    """A deal as it was last reported."""

    deal_id: int
    state: DealState = DealState.OPEN
    company_id: str | None = None
    digest: str = ""
    version: int = 0


@dataclass(frozen=True)
class KnownCompany:
    """A company as it was last reported; `is_reported` as a client, `is_set_by_us` its relation status."""

    company_id: str
    is_baseline: bool = False
    is_reported: bool = False
    is_set_by_us: bool = False
    digest: str = ""
    version: int = 0


@dataclass(frozen=True)
class ReadDeal:
    """A deal as it was just read."""

    deal: Deal
    is_won: bool


@dataclass(frozen=True)
class Reading:
    """One company (or none, for deals that have none) and those of its deals that were read with it."""

    version: int
    company: Company | None
    deals: tuple[ReadDeal, ...] = ()


def group(version: int, companies: Mapping[str, Company], deals: Sequence[ReadDeal]) -> list[Reading]:
    """What was read, by company and in the order of their ids; deals without one come last."""
    readings = [
        Reading(version, companies[company_id], tuple(one for one in deals if one.deal.company_id == company_id))
        for company_id in sorted(companies)
    ]
    alone = tuple(one for one in deals if one.deal.company_id is None)
    return [*readings, Reading(version, None, alone)] if alone else readings


@dataclass(frozen=True)
class Decision:
    """What to publish, in this order, and what to remember."""

    messages: tuple[Message, ...]
    company: KnownCompany | None
    deals: tuple[KnownDeal, ...]


def digest(value: Value) -> str:
    """Tells whether content changed, without keeping it."""
    return hashlib.sha256(value.model_dump_json().encode()).hexdigest()


def decide(
    connection_id: UUID,
    reading: Reading,
    company: KnownCompany | None,
    deals: Mapping[int, KnownDeal],
    *,
    is_asked_for: bool = False,
    awaited: Collection[int] = (),
    won_while_paused: Collection[int] = (),
) -> Decision:
    """The events of a reading. `is_asked_for`: somebody wants to hear it again, changed or not.

    `awaited` names the deals that somebody waits for: they are told of also when they are not won. `won_while_paused` names
    those that, if they are newly won, were won in a pause.
    """
    outcomes = [
        _marked(_deal(connection_id, reading.version, one, known, is_asked_for, awaited), known, won_while_paused)
        for one in reading.deals
        for known in [_known(deals, one)]
    ]
    after = tuple(outcome.after for outcome in outcomes)
    own = tuple(outcome.message for outcome in outcomes if outcome.message is not None)
    if reading.company is None or company is None:
        return Decision(own, None, after)
    newly_won = next((one.deal_id for one, outcome in zip(after, outcomes, strict=True) if outcome.is_new), None)
    still_won = next((one.deal_id for one in after if one.state is DealState.WON), None)
    is_client = (
        newly_won is not None
        or _relation_triggers(reading.company, company)
        or (is_asked_for and (company.is_reported or still_won is not None))
    )
    head: list[Message] = []
    new_digest = digest(reading.company)
    is_newer = reading.version > company.version
    if is_client or is_asked_for or (is_newer and new_digest != company.digest):
        head.append(CompanyChanged(connection_id=connection_id, version=reading.version, company=reading.company))
    if is_client:
        head.append(_became_client(connection_id, company.company_id, newly_won or still_won))
    remembered = replace(company, is_reported=company.is_reported or is_client)
    if is_newer:
        remembered = replace(remembered, digest=new_digest, version=reading.version)
    return Decision((*head, *own), remembered, after)


def absorb(connection_id: UUID, version: int, company: Company, known: KnownCompany, *, made_customer: bool) -> Decision:
    """The company as our own write's answer shows it: what we changed is no news, what somebody else changed is."""
    as_it_was = company.model_copy(update={"is_customer": False})
    if made_customer and known.digest in (digest(company), digest(as_it_was)) and version > known.version:
        return Decision((), replace(known, digest=digest(company), version=version), ())
    return decide(connection_id, Reading(version, company), known, {})


@dataclass(frozen=True)
class _DealOutcome:
    after: KnownDeal
    message: Message | None = None
    is_new: bool = False


def _known(deals: Mapping[int, KnownDeal], one: ReadDeal) -> KnownDeal:
    return deals.get(one.deal.deal_id, KnownDeal(one.deal.deal_id))


def _deal(
    connection_id: UUID, version: int, read: ReadDeal, known: KnownDeal, is_asked_for: bool, awaited: Collection[int]
) -> _DealOutcome:
    if known.state is DealState.BASELINE or version <= known.version:
        return _DealOutcome(known)
    new_digest = digest(read.deal)
    if read.is_won:
        after = KnownDeal(known.deal_id, DealState.WON, read.deal.company_id, new_digest, version)
        # A deal that got its company, or another one, after it was reported is news to that company.
        is_new = known.state is not DealState.WON or known.company_id != read.deal.company_id
        if is_new or is_asked_for or new_digest != known.digest:
            return _DealOutcome(after, DealWon(connection_id=connection_id, version=version, deal=read.deal), is_new)
        return _DealOutcome(after)
    if known.state is DealState.WON:
        # Under the company that it was reported with: the two messages must keep their order.
        reopened = DealReopened(connection_id=connection_id, version=version, deal_id=known.deal_id, company_id=known.company_id)
        return _DealOutcome(replace(known, state=DealState.REOPENED, version=version), reopened)
    after = replace(known, company_id=known.company_id or read.deal.company_id, version=version)
    if known.deal_id in awaited:
        # It was told before, or could not be read when it was won: silence now would be waited on for ever.
        reopened = DealReopened(connection_id=connection_id, version=version, deal_id=known.deal_id, company_id=after.company_id)
        return _DealOutcome(after, reopened)
    return _DealOutcome(after)


def _marked(outcome: _DealOutcome, known: KnownDeal, won_while_paused: Collection[int]) -> _DealOutcome:
    """Only a win that was not reported before can be one of the pause."""
    if not isinstance(outcome.message, DealWon) or known.state is DealState.WON or known.deal_id not in won_while_paused:
        return outcome
    return replace(outcome, message=outcome.message.model_copy(update={"won_while_paused": True}))


def _relation_triggers(company: Company, known: KnownCompany) -> bool:
    return company.is_customer and not (known.is_baseline or known.is_reported or known.is_set_by_us)


def _became_client(connection_id: UUID, company_id: str, deal_id: int | None) -> CustomerBecameClient:
    cause = Trigger.RELATION_STATUS if deal_id is None else Trigger.DEAL_WON
    return CustomerBecameClient(connection_id=connection_id, company_id=company_id, cause=cause, deal_id=deal_id)


def is_fulfilled(expects: Expectation, *, is_won: bool | None, is_customer: bool | None) -> bool:
    """Whether a reading shows what a hint said; None for what was not found or not read."""
    match expects:
        case Expectation.WON:
            return is_won is True
        case Expectation.NOT_WON:
            return is_won is False
        case Expectation.CUSTOMER:
            return is_customer is True
        case Expectation.ANYTHING:
            return is_won is not None or is_customer is not None


def contradiction_delay(times: int) -> float | None:
    """Seconds until the next reading after `times` contradictions before this one; None gives the hint up."""
    return CONTRADICTION_DELAYS[times] if times < len(CONTRADICTION_DELAYS) else None


def differences(page: Sequence[tuple[int, bool]], known: Mapping[int, DealState]) -> list[tuple[int, Expectation]]:
    """What a walk's page of (deal, is won) tells that was not reported: hints, never events."""
    found = []
    for deal_id, is_won in page:
        state = known.get(deal_id, DealState.OPEN)
        if is_won and state in (DealState.OPEN, DealState.REOPENED):
            found.append((deal_id, Expectation.WON))
        if not is_won and state is DealState.WON:
            found.append((deal_id, Expectation.NOT_WON))
    return found
