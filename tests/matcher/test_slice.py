"""The live flow stands on the ladder of the batch: rungs, evidence, reviews with candidates, a person's word."""

from __future__ import annotations

import pytest

from contracts.events import CustomerMatched, MatchReviewRequested
from contracts.values import Address
from matcher.default_model import default_model
from matcher.domain import Matched, Reason, Review
from matcher.identity import identity_of_company, identity_of_customer
from matcher.neighbourhood import Neighbourhood, findings
from matcher.records import CompanyRecord, CustomerRecord

NUMBER, OTHER, THIRD = "5566778899", "5560004755", "5560125790"
MISTYPED = "5566778890"
LUND = Address(street="Storgatan 4", postcode="222 22", city="Lund", country_code="SE")
KIRUNA = Address(street="Malmvägen 9", postcode="981 31", city="Kiruna", country_code="SE")
NAME, SAME_NAME = "Åkerlunds Plåtslageri Aktiebolag", "Åkerlunds Plåtslageri AB (publ)"


def verdicts(evidence):
    return {found.field: "similar" if found.similar else found.verdict for found in evidence}


async def test_the_legal_name_and_the_postcode_link_where_the_customer_has_no_number(world):
    await world.is_listed()
    await world.handle(world.customer("42", name=SAME_NAME, address=LUND))
    await world.handle(world.company("a", NUMBER, name=NAME, postal_address=LUND), world.became_client("a"))
    (message,) = await world.published()
    assert isinstance(message, CustomerMatched)
    assert (message.customer_number, message.rung) == ("42", "name_and_postcode")
    assert verdicts(message.evidence)["name"] == "same"
    assert verdicts(message.evidence)["organisation_number"] == "missing"


async def test_the_evidence_of_a_match_is_told_again_when_somebody_asks_again(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER, name=SAME_NAME))
    await world.handle(world.company("a", NUMBER, name=NAME), world.became_client("a"))
    await world.handle(world.became_client("a"))
    first, second = await world.published()
    assert first.evidence
    assert second == first.model_copy(update={"version": second.version})


async def test_a_namesake_elsewhere_links_nothing_and_a_second_namesake_is_told(world):
    await world.is_listed()
    await world.handle(world.company("a", name=NAME, postal_address=LUND), world.became_client("a"))
    await world.handle(world.customer("1", name=NAME, address=KIRUNA))
    assert (await world.said())[-1][:2] == ("a", "organisation_number_missing")
    await world.handle(world.customer("2", name=NAME, address=LUND))
    assert (await world.said())[-1][:2] == ("a", "name_shared")
    await world.handle(world.customer("1", name="Något helt annat AB", address=KIRUNA))
    assert (await world.said())[-1] == ("a", "2")


async def test_a_number_whose_names_contradict_goes_to_review_until_a_name_is_corrected(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER, name="Bergdala Åkeri AB"))
    await world.handle(world.company("a", NUMBER, name=NAME), world.became_client("a"))
    await world.handle(world.customer("42", NUMBER, name=SAME_NAME))
    assert await world.said() == [("a", "name_contradicts", "42"), ("a", "42")]


async def test_a_customer_that_is_alike_keeps_another_from_being_created(world):
    await world.is_listed()
    alike = world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND)
    await world.handle(alike, world.customer("43", OTHER, name="Bergdala Åkeri AB", address=KIRUNA))
    await world.handle(
        world.company("a", NUMBER, name=NAME, phone="+46 46 123456", postal_address=LUND), world.became_client("a")
    )
    (message,) = await world.published()
    assert isinstance(message, MatchReviewRequested)
    assert (message.reason, message.candidates) == ("scored", ("42",))
    (candidate,) = message.ranked
    assert candidate.customer_number == "42"
    assert candidate.odds is not None
    assert candidate.odds > 1
    assert verdicts(candidate.evidence)["phone"] == "same"
    await world.handle(world.customer("42", NUMBER, name="Åkerlunds Plåtslageri", address=LUND))
    assert (await world.said())[-1] == ("a", "42")


async def test_a_review_hears_of_a_customer_that_is_alike_and_came_later(world):
    await world.is_listed()
    await world.handle(world.company("a", name=NAME, phone="046123456", postal_address=LUND), world.became_client("a"))
    await world.handle(world.customer("42", name="Åkerlund", phone="046-12 34 56", address=LUND))
    assert await world.said() == [("a", "organisation_number_missing"), ("a", "organisation_number_missing", "42")]


async def test_neighbours_with_numbers_and_names_of_their_own_keep_nobody_from_being_created(world):
    await world.is_listed()
    await world.handle(world.customer("1", OTHER, name="Kontorshotellet 1 AB", address=LUND))
    await world.handle(world.company("a", NUMBER, name="Kontorshotellet 2 AB", postal_address=LUND), world.became_client("a"))
    assert await world.said() == [("a", "not_found")]


async def test_who_may_be_created_is_not_given_a_namesake_before_the_customer_comes(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER, name=NAME, postal_address=LUND), world.became_client("a"))
    await world.handle(world.customer("41", name=NAME, address=LUND))
    await world.handle(world.customer("42", NUMBER, name=NAME, address=LUND))
    assert await world.said() == [("a", "not_found"), ("a", "42")]


async def test_the_first_number_of_a_company_that_was_matched_by_its_name_changes_nothing(world):
    await world.is_listed()
    await world.handle(world.customer("42", name=NAME, address=LUND))
    await world.handle(world.company("a", name=NAME, postal_address=LUND), world.became_client("a"))
    await world.handle(world.company("a", NUMBER, name=NAME, postal_address=LUND))
    await world.handle(world.company("a", OTHER, name=NAME, postal_address=LUND))
    assert await world.said() == [("a", "42"), ("a", "42"), ("a", "organisation_number_changed", "42")]


async def test_a_company_that_gets_the_name_of_a_customer_ends_what_was_unique(world):
    """Who waits is decided again when a third record changes that shares nothing with it but a name."""
    await world.is_listed()
    await world.handle(world.company("b", name=NAME, postal_address=LUND), world.company("a", name=NAME, postal_address=LUND))
    await world.handle(world.customer("42", name=NAME, address=LUND), world.became_client("a"))
    assert (await world.said())[-1][:2] == ("a", "name_shared")
    await world.handle(world.company("b", name="Bergdala Åkeri AB", postal_address=LUND))
    assert (await world.said())[-1] == ("a", "42")


async def test_a_company_waits_no_longer_when_another_gives_up_the_number_of_its_customer(world):
    """The two companies share nothing: each shares something with the customer."""
    await world.is_listed()
    await world.handle(world.company("b", OTHER, name="Bergdala Åkeri AB"), world.customer("42", OTHER, name=NAME, address=LUND))
    await world.handle(world.company("a", name=NAME, postal_address=LUND), world.became_client("a"))
    await world.handle(world.company("b", THIRD, name="Bergdala Åkeri AB"))
    said = await world.said()
    assert (said[0][:2], said[-1]) == (("a", "organisation_number_missing"), ("a", "42"))


async def test_what_may_be_one_of_too_many_namesakes_is_not_linked_by_its_name():
    company = identity_of_company(CompanyRecord("a", NAME, postcode="222 22"))
    customer = identity_of_customer(CustomerRecord("42", SAME_NAME, zip_code="222 22"))
    near = Neighbourhood({"a": company}, {"42": customer})
    assert findings(near, ["a"], default_model())["a"].decision == Matched("42", "name_and_postcode")
    near.crowded.add("a")
    assert findings(near, ["a"], default_model())["a"].decision == Review(Reason.NAME_SHARED, ("42",))


@pytest.mark.parametrize(
    ("shared", "reason"),
    [({"name": NAME, "postcode": "222 22"}, Reason.NAME_SHARED), ({"organisation_number": NUMBER}, Reason.NUMBER_SHARED)],
)
async def test_the_last_of_a_thousand_companies_that_share_something_is_held_like_the_first(shared, reason):
    companies = [identity_of_company(CompanyRecord(f"{place:04}", **shared)) for place in range(1001)]
    there = {"postcode": "zip_code"}
    customer = identity_of_customer(CustomerRecord("42", **{there.get(field, field): value for field, value in shared.items()}))
    near = Neighbourhood({company.record_id: company for company in companies}, {"42": customer})
    found = findings(near, ["0000", "1000"], default_model())
    assert {company: finding.decision for company, finding in found.items()} == {
        "0000": Review(reason, ("42",)),
        "1000": Review(reason, ("42",)),
    }


async def test_a_link_by_hand_is_the_first_rung_and_no_double_is_asked_about(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.customer("43", NUMBER))
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.linked("a", "43"))
    await world.handle(world.customer("44", NUMBER), world.became_client("a"))
    assert await world.said() == [("a", "several_customers", "42", "43"), ("a", "43"), ("a", "43")]
    assert {message.rung for message in (await world.published())[1:]} == {"approved"}


async def test_a_customer_that_was_linked_by_hand_is_nobody_elses(world):
    await world.is_listed()
    await world.handle(world.company("a", name=NAME), world.customer("42", NUMBER), world.became_client("a"))
    await world.handle(world.linked("a", "42"))
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[1:] == [("a", "42"), ("b", "customer_linked_elsewhere", "42")]


async def test_a_link_by_hand_takes_back_what_was_decided_of_its_customer(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.company("b", OTHER))
    await world.handle(world.became_client("a"), world.became_client("b"))
    await world.handle(world.linked("b", "42"))
    said = await world.said()
    assert said[:2] == [("a", "42"), ("b", "not_found")]
    assert sorted(said[2:]) == [("a", "customer_linked_elsewhere", "42"), ("b", "42")]


async def test_the_newest_word_counts_and_an_older_one_that_comes_late_does_not(world):
    await world.is_listed()
    await world.handle(world.company("a"), world.became_client("a"))
    await world.handle(world.linked("a", "43", version=7))
    await world.handle(world.linked("a", "42", version=6), world.linked("a", "43", version=7))
    await world.handle(world.linked("a", "44", version=8))
    assert (await world.said())[1:] == [("a", "43"), ("a", "44")]


async def test_a_customer_that_moves_to_the_postcode_of_its_namesake_is_linked(world):
    await world.is_listed()
    await world.handle(world.customer("42", name=NAME, address=KIRUNA))
    await world.handle(world.company("a", name=NAME, postal_address=LUND), world.became_client("a"))
    await world.handle(world.customer("42", name=NAME, address=LUND))
    assert (await world.said())[-1] == ("a", "42")


async def test_a_link_by_hand_that_is_said_twice_still_holds_its_number(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.linked("a", "42"), world.linked("a", "42"), world.company("a", OTHER))
    assert (await world.said())[-1] == ("a", "organisation_number_changed", "42")


async def test_a_link_by_hand_stands_under_another_number_when_it_is_said_again(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.linked("a", "42"), world.company("a", OTHER), world.linked("a", "42"))
    assert (await world.said())[1:] == [("a", "42"), ("a", "organisation_number_changed", "42"), ("a", "42")]


async def test_a_link_by_hand_that_comes_before_its_company_waits_for_it(world):
    await world.is_listed()
    await world.handle(world.linked("a", "42"), world.became_client("a"), world.company("a", NUMBER))
    assert await world.said() == [("a", "42")]


@pytest.mark.parametrize("table", ["number_claim", "decision", "company_identity", "customer_identity"])
async def test_what_numbers_are_looked_up_and_kept_by_is_a_keyed_hash(world, another_world, table):
    for each in (world, another_world):
        await each.is_listed()
        await each.handle(each.company("a", NUMBER), each.became_client("a"), each.customer("42", NUMBER))
    text = f"SELECT to_jsonb({table}) - 'company' - 'customer' AS row FROM {table} WHERE connection_id = $1"
    rows = [str(await each.database.pool.fetchval(text, each.connection_id)) for each in (world, another_world)]
    assert all(rows)
    assert not any(NUMBER in row for row in rows)
    keys = [each.hashing.number(each.connection_id, NUMBER) for each in (world, another_world)]
    assert keys[0] != keys[1]
    if table in ("number_claim", "decision"):
        assert all(key in row for key, row in zip(keys, rows, strict=True))
