"""One ladder: what the live flow says of a company is what linking both whole registers says of it."""

from __future__ import annotations

from collections import Counter, defaultdict

from contracts.events import CustomerMatched, MatchReviewRequested
from matcher.default_model import default_model
from matcher.keys import company_record, customer_record
from matcher.linking import link_registers
from matcher.records import Outcome, ReviewReason
from support.registers import DIRTY, registers
from support.snapshots import a_company, a_customer

SIZE = 300


async def test_the_live_flow_decides_as_linking_the_whole_registers_does(world):
    made = registers(11, SIZE, DIRTY)
    companies = [a_company(record) for record in made.companies]
    customers = [a_customer(record) for record in made.customers]
    await world.is_listed()
    for start in range(0, SIZE, 100):
        await world.handle(*(world.customer("0").model_copy(update={"customer": one}) for one in customers[start : start + 100]))
    known = [world.company("0").model_copy(update={"company": one}) for one in companies]
    await world.handle(*known)
    for start in range(0, len(companies), 70):
        await world.handle(*(world.became_client(one.company_id) for one in companies[start : start + 70]))
    said = {message.record_id: message for message in await world.published()}
    batch = link_registers(
        [company_record(one) for one in companies], [customer_record(one) for one in customers], model=default_model()
    )
    linked = {judged.company_id: judged for judged in batch.judgements if judged.outcome is Outcome.LINKED}
    matched = {company for company, message in said.items() if isinstance(message, CustomerMatched)}
    assert matched == set(linked)
    assert len(matched) > SIZE / 3
    for company, judged in linked.items():
        message = said[company]
        assert (message.customer_number, message.rung) == (judged.customer_number, judged.rung)
        assert [(found.field, found.similar) for found in message.evidence] == [
            (found.field, found.verdict == "similar") for found in judged.evidence
        ]
    assert reasons_agree(said, batch.judgements) > 0
    held = [message for message in said.values() if isinstance(message, MatchReviewRequested) and message.candidates]
    partners = defaultdict(set)
    for customer, company in made.truth.items():
        partners[company].add(customer)
    with_partner = [message for message in held if partners[message.record_id]]
    first = sum(message.candidates[0] in partners[message.record_id] for message in with_partner)
    assert first >= 0.98 * len(with_partner), Counter(message.reason for message in held)


def reasons_agree(said, judgements):
    """How many companies of rungs' reviews wait for the reason that the batch gives their customer."""
    count = 0
    for judged in judgements:
        if judged.outcome is not Outcome.REVIEW or judged.reason is ReviewReason.SCORED or len(judged.candidates) != 1:
            continue
        message = said[judged.candidates[0].company_id]
        if isinstance(message, MatchReviewRequested) and message.candidates == (judged.customer_number,):
            assert message.reason == judged.reason
            count += 1
    return count
