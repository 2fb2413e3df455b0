"""What a reading means, compared with what was reported before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.events import CompanyChanged, CustomerBecameClient, DealReopened, DealWon
from contracts.values import Company, Deal, Trigger
from limego_connector import domain
from limego_connector.domain import DealState, Expectation, KnownCompany, KnownDeal, ReadDeal, Reading
from limego_connector.payloads import DealPayload

CONNECTION = UUID(int=1)


def a_company(**fields: object) -> Company:
    return Company.model_validate({"company_id": "pase1", "name": "Nordvikens Bygg AB", **fields})


def a_deal(*, is_won: bool = True, **fields: object) -> ReadDeal:
    deal = Deal.model_validate({"deal_id": 7, "name": "Avtal", "company_id": "pase1", "value": Decimal(1000), **fields})
    return ReadDeal(deal, is_won=is_won)


def decide(company=None, deals=(), known=None, known_deals=(), *, version=10, asked=False) -> domain.Decision:
    known = known if known or company is None else KnownCompany(company.company_id)
    by_id = {one.deal_id: one for one in known_deals}
    return domain.decide(CONNECTION, Reading(version, company, tuple(deals)), known, by_id, is_asked_for=asked)


def types(decision: domain.Decision) -> list[type]:
    return [type(message) for message in decision.messages]


def after(decision: domain.Decision) -> dict[str, object]:
    return {"known": decision.company, "known_deals": decision.deals}


def test_a_won_deal_is_reported_after_its_company() -> None:
    decision = decide(a_company(), [a_deal()])
    assert types(decision) == [CompanyChanged, CustomerBecameClient, DealWon]
    became = decision.messages[1]
    assert isinstance(became, CustomerBecameClient)
    assert (became.cause, became.deal_id) == (Trigger.DEAL_WON, 7)
    assert decision.deals[0].state is DealState.WON


def test_the_same_reading_again_says_nothing() -> None:
    first = decide(a_company(), [a_deal()])
    assert types(decide(a_company(), [a_deal()], **after(first), version=11)) == []


def test_a_reading_that_was_asked_for_says_everything_again() -> None:
    first = decide(a_company(), [a_deal()])
    again = decide(a_company(), [a_deal()], **after(first), version=11, asked=True)
    assert types(again) == [CompanyChanged, CustomerBecameClient, DealWon]


def test_a_deal_that_is_waited_for_is_told_of_also_when_it_is_not_won_and_others_are_not() -> None:
    for known in ((), [KnownDeal(7, DealState.REOPENED, "pase1")]):
        company = KnownCompany("pase1")
        reading = Reading(10, a_company(), (a_deal(is_won=False),))
        by_id = {one.deal_id: one for one in known}
        waited = domain.decide(CONNECTION, reading, company, by_id, is_asked_for=True, awaited={7})
        assert types(waited) == [CompanyChanged, DealReopened]
        assert waited.messages[1].record_id == "pase1"
        assert types(domain.decide(CONNECTION, reading, company, by_id, is_asked_for=True, awaited={8})) == [CompanyChanged]


def test_changed_content_of_a_won_deal_is_no_second_trigger() -> None:
    first = decide(a_company(), [a_deal()])
    assert types(decide(a_company(), [a_deal(value=Decimal(2000))], **after(first), version=11)) == [DealWon]


def test_a_changed_company_is_reported() -> None:
    first = decide(a_company(), [a_deal()])
    changed = decide(a_company(organisation_number="556000-0001"), [a_deal()], **after(first), version=11)
    assert types(changed) == [CompanyChanged]


def test_a_baseline_deal_never_triggers_also_when_won_again_or_asked_for() -> None:
    baseline = [KnownDeal(7, DealState.BASELINE)]
    known = decide(a_company()).company
    for deal in (a_deal(), a_deal(is_won=False)):
        decision = decide(a_company(), [deal], known, baseline, version=11)
        assert types(decision) == []
        assert decision.deals[0].state is DealState.BASELINE
    assert DealWon not in types(decide(a_company(), [a_deal()], known, baseline, version=12, asked=True))


def test_a_reopened_deal_is_reported_and_so_is_its_second_win() -> None:
    won = decide(a_company(), [a_deal()])
    reopened = decide(a_company(), [a_deal(is_won=False)], **after(won), version=11)
    assert types(reopened) == [DealReopened]
    again = decide(a_company(), [a_deal()], **after(reopened), version=12)
    assert types(again) == [CompanyChanged, CustomerBecameClient, DealWon]


def test_an_older_reading_does_not_undo_a_newer_one() -> None:
    won = decide(a_company(), [a_deal()], version=20)
    assert types(decide(a_company(name="Gammalt namn"), [a_deal(is_won=False)], **after(won), version=19)) == []


def test_a_deal_without_company_is_reported_alone_and_again_once_it_has_one() -> None:
    alone = decide(None, [a_deal(company_id=None)])
    assert types(alone) == [DealWon]
    assert alone.messages[0].record_id == "deal/7"
    with_company = decide(a_company(), [a_deal()], known_deals=alone.deals, version=11)
    assert types(with_company) == [CompanyChanged, CustomerBecameClient, DealWon]


@pytest.mark.parametrize(
    ("written", "value"), [("1 000,50", Decimal("1000.50")), ("1.000,50", Decimal("1000.50")), ("1.000", None), ("tusen", None)]
)
def test_a_value_that_comes_as_text_is_read_as_people_write_it_or_is_unknown(written: str, value: Decimal | None) -> None:
    assert DealPayload.model_validate({"id": 1, "statusAssessment": "POSITIVE", "name": "Avtal", "value": written}).value == value


def test_an_unknown_value_is_not_zero() -> None:
    [*_, won] = decide(a_company(), [a_deal(value=None)]).messages
    assert isinstance(won, DealWon)
    assert won.deal.value is None


@pytest.mark.parametrize(
    ("known", "triggers"),
    [
        (KnownCompany("pase1"), True),
        (KnownCompany("pase1", is_baseline=True), False),
        (KnownCompany("pase1", is_reported=True), False),
        (KnownCompany("pase1", is_set_by_us=True), False),
    ],
)
def test_the_relation_status_triggers_once_and_never_by_our_own_hand(known: KnownCompany, *, triggers: bool) -> None:
    decision = decide(a_company(is_customer=True), known=known)
    became = [message for message in decision.messages if isinstance(message, CustomerBecameClient)]
    assert [message.cause for message in became] == [Trigger.RELATION_STATUS] * triggers


def test_a_baseline_company_still_becomes_a_client_by_a_won_deal() -> None:
    assert CustomerBecameClient in types(decide(a_company(), [a_deal()], KnownCompany("pase1", is_baseline=True)))


def test_our_own_relation_status_is_no_news_but_a_name_changed_by_somebody_else_is() -> None:
    known = decide(a_company(), [a_deal()]).company
    assert known is not None
    ours = domain.absorb(CONNECTION, 11, a_company(is_customer=True), known, made_customer=True)
    assert types(ours) == []
    assert ours.company is not None
    assert types(decide(a_company(is_customer=True), known=ours.company, version=12)) == []
    theirs = domain.absorb(CONNECTION, 11, a_company(is_customer=True, name="Nytt namn"), known, made_customer=True)
    assert types(theirs) == [CompanyChanged]


@pytest.mark.parametrize(
    ("expects", "is_won", "is_customer", "fulfilled"),
    [
        (Expectation.WON, True, None, True),
        (Expectation.WON, False, None, False),
        (Expectation.WON, None, None, False),
        (Expectation.NOT_WON, False, None, True),
        (Expectation.NOT_WON, None, None, False),
        (Expectation.CUSTOMER, None, True, True),
        (Expectation.CUSTOMER, None, False, False),
        (Expectation.ANYTHING, False, None, True),
        (Expectation.ANYTHING, None, None, False),
    ],
)
def test_a_reading_fulfils_a_hint_or_contradicts_it(expects, is_won, is_customer, *, fulfilled) -> None:
    assert domain.is_fulfilled(expects, is_won=is_won, is_customer=is_customer) is fulfilled


def test_a_contradiction_is_read_again_three_times() -> None:
    assert [domain.contradiction_delay(times) for times in range(4)] == [5, 60, 600, None]


def test_a_walk_hints_at_what_was_not_reported_and_leaves_the_baseline_alone() -> None:
    known = {1: DealState.BASELINE, 2: DealState.WON, 3: DealState.WON, 4: DealState.REOPENED, 5: DealState.OPEN}
    page = [(1, True), (2, True), (3, False), (4, True), (5, False), (6, True), (7, False)]
    found = domain.differences(page, known)
    assert found == [(3, Expectation.NOT_WON), (4, Expectation.WON), (6, Expectation.WON)]


def test_what_was_read_is_told_company_by_company_in_the_order_of_their_ids_and_deals_without_one_last() -> None:
    first, second = a_company(company_id="a"), a_company(company_id="b")
    deals = [a_deal(deal_id=number, company_id=company_id) for number, company_id in ((1, "b"), (2, None), (3, "a"), (4, "b"))]
    readings = domain.group(10, {"b": second, "a": first}, deals)
    told = [(one.version, one.company, [read.deal.deal_id for read in one.deals]) for one in readings]
    assert told == [(10, first, [3]), (10, second, [1, 4]), (10, None, [2])]
    assert domain.group(10, {"a": first}, deals[2:3]) == [Reading(10, first, (deals[2],))]
    assert domain.group(10, {}, []) == []


@pytest.mark.parametrize(
    ("state", "paused", "marks"),
    [
        (None, {7}, [True]),
        (None, {8}, [False]),
        (DealState.REOPENED, {7}, [True]),
        (DealState.WON, {7}, [False]),
    ],
)
def test_only_a_win_that_was_not_reported_before_is_one_of_the_pause(state, paused, marks) -> None:
    known = {} if state is None else {7: KnownDeal(7, state, "pase1")}
    reading = Reading(10, a_company(), (a_deal(),))
    decision = domain.decide(CONNECTION, reading, KnownCompany("pase1"), known, won_while_paused=paused)
    assert [message.won_while_paused for message in decision.messages if isinstance(message, DealWon)] == marks
    unwon = Reading(10, a_company(), (a_deal(is_won=False),))
    reopened = domain.decide(CONNECTION, unwon, KnownCompany("pase1"), known, won_while_paused=paused)
    assert DealWon not in types(reopened)


def test_what_is_remembered_is_the_newest_reading_and_for_ever_that_it_was_reported() -> None:
    first = decide(a_company(is_customer=True), [a_deal()])
    assert first.company is not None
    assert (first.company.is_reported, first.company.version, first.deals[0].version) == (True, 10, 10)
    older = decide(a_company(name="Gammalt namn"), [a_deal(is_won=False)], **after(first), version=10)
    assert (older.company, older.deals, older.messages) == (first.company, first.deals, ())
    newer = decide(a_company(name="Nytt namn"), [a_deal(is_won=False)], **after(first), version=11)
    assert newer.company is not None
    assert (newer.company.is_reported, newer.company.version) == (True, 11)
    assert newer.company.digest not in ("", first.company.digest)
    assert [(one.state, one.version, one.company_id) for one in newer.deals] == [(DealState.REOPENED, 11, "pase1")]


def test_an_open_deal_keeps_the_company_that_it_had_first_and_says_nothing() -> None:
    seen = decide(a_company(), [a_deal(is_won=False)])
    assert (types(seen), seen.deals) == ([CompanyChanged], (KnownDeal(7, DealState.OPEN, "pase1", "", 10),))
    moved = decide(None, [a_deal(is_won=False, company_id=None)], known_deals=seen.deals, version=11)
    assert (moved.messages, moved.deals) == ((), (KnownDeal(7, DealState.OPEN, "pase1", "", 11),))


def test_a_won_deal_that_gets_another_company_makes_that_one_a_client() -> None:
    won = decide(a_company(), [a_deal()])
    other = a_company(company_id="pase2")
    moved = decide(other, [a_deal(company_id="pase2")], known_deals=won.deals, version=11)
    assert types(moved) == [CompanyChanged, CustomerBecameClient, DealWon]
    assert moved.deals[0].company_id == "pase2"


def test_a_reading_that_was_asked_for_names_why_the_company_is_a_client() -> None:
    known = KnownCompany("pase1", is_reported=True, version=9)
    relation = decide(a_company(is_customer=True), known=known, asked=True)
    assert [one.cause for one in relation.messages if isinstance(one, CustomerBecameClient)] == [Trigger.RELATION_STATUS]
    still_won = [KnownDeal(7, DealState.WON, "pase1", version=9)]
    by_deal = decide(a_company(), [a_deal()], KnownCompany("pase1", is_baseline=True, version=9), still_won, asked=True)
    assert [(one.cause, one.deal_id) for one in by_deal.messages if isinstance(one, CustomerBecameClient)] == [
        (Trigger.DEAL_WON, 7)
    ]
    assert types(decide(a_company(), asked=True)) == [CompanyChanged]


def test_what_our_own_write_s_answer_shows_is_remembered_unless_it_is_older_or_not_only_ours() -> None:
    known = decide(a_company(), version=10).company
    assert known is not None
    ours = domain.absorb(CONNECTION, 11, a_company(is_customer=True), known, made_customer=True)
    assert ours.company is not None
    assert (ours.messages, ours.deals, ours.company.version) == ((), (), 11)
    assert ours.company.digest != known.digest
    again = domain.absorb(CONNECTION, 12, a_company(is_customer=True), ours.company, made_customer=True)
    assert (again.messages, again.company and again.company.version) == ((), 12)
    # Without our own hand in it the relation is somebody's decision, and so is a name.
    theirs = domain.absorb(CONNECTION, 11, a_company(is_customer=True), known, made_customer=False)
    assert types(theirs) == [CompanyChanged, CustomerBecameClient]
    late = domain.absorb(CONNECTION, 10, a_company(is_customer=True), replace(known, is_set_by_us=True), made_customer=True)
    assert (late.messages, late.company) == ((), replace(known, is_set_by_us=True))


def test_the_very_first_version_is_news_of_what_was_never_read() -> None:
    first = decide(a_company(), [a_deal()], version=1)
    assert types(first) == [CompanyChanged, CustomerBecameClient, DealWon]
    assert first.company is not None
    assert (first.company.version, first.deals[0].version) == (1, 1)
