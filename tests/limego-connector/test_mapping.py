"""Lime Go's payloads as values, and what its events hint at: no service."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from contracts.values import Address, Company, CustomField, Deal
from limego_connector import mapping
from limego_connector.domain import Expectation, ReadDeal
from limego_connector.payloads import DealPayload, EventPayload, OrganizationPayload

COMPANY = {"id": 17, "name": "Nordvikens Bygg AB", "customerRelation": "IS_A_CUSTOMER"}
DEAL = {"id": 7, "name": "Avtal", "statusAssessment": "POSITIVE"}


def company(**fields):
    return mapping.company(OrganizationPayload.model_validate({**COMPANY, **fields}))


def deal(**fields):
    return mapping.deal(DealPayload.model_validate({**DEAL, **fields}))


def event(**fields):
    return EventPayload.model_validate(fields)


def test_a_company_is_read_whole():
    postal = {"street": "Gatan 1", "zipCode": "111 22", "city": "Lund", "countryCode": "Sverige"}
    read = company(
        organizationNumber=" 556036-0793 ",
        phoneNumber=[" ", "070-1", "070-2"],
        email="eva@exempel.se",
        city="Malmö",
        postalAddress=postal,
        visitAddress={"street": "Torget 2"},
    )
    assert read == Company(
        company_id="17",
        name="Nordvikens Bygg AB",
        organisation_number="556036-0793",
        phone="070-1",
        email="eva@exempel.se",
        postal_address=Address(street="Gatan 1", postcode="111 22", city="Lund", country_code="SE"),
        visiting_address=Address(street="Torget 2"),
        is_customer=True,
    )


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_what_is_blank_is_unknown_and_never_empty(nothing):
    address = {"street": nothing, "zipCode": nothing, "city": nothing, "countryCode": nothing}
    read = company(
        organizationNumber=nothing, email=nothing, city=nothing, postalAddress=address, phoneNumber=None, customerRelation="NOT"
    )
    assert read == Company(company_id="17", name="Nordvikens Bygg AB")


def test_a_company_without_a_postal_address_is_in_its_town():
    assert company(city="Lund ").postal_address == Address(city="Lund")


def test_a_country_that_cannot_be_read_stays_as_it_is_written():
    assert company(postalAddress={"countryCode": "Ruritanien "}).postal_address.country_code == "Ruritanien"


def test_a_deal_is_read_whole():
    fields = [{"title": "Projekt", "value": "P1"}, {"title": "Tom", "value": None}, {"title": "Blank", "value": ""}]
    people = {"customerContact": {"name": "Eva"}, "responsibleCoworker": {"name": "Per"}}
    assert deal(value="1 000,50", customer=COMPANY, customFields=fields, **people) == ReadDeal(
        Deal(
            deal_id=7,
            name="Avtal",
            company_id="17",
            value=Decimal("1000.50"),
            contact_person="Eva",
            responsible_coworker="Per",
            custom_fields=(CustomField(title="Projekt", value="P1"),),
        ),
        is_won=True,
    )


def test_a_deal_that_says_nothing_has_no_company_no_people_and_an_unknown_value():
    read = deal(statusAssessment="NEGATIVE")
    assert read == ReadDeal(Deal(deal_id=7, name="Avtal", company_id=None, value=None), is_won=False)
    assert deal(value=0).deal.value == 0


@pytest.mark.parametrize(
    ("told", "record", "expects"),
    [
        ({"eventType": "DealWon", "deal": {"id": 7}}, "deal/7", Expectation.WON),
        ({"eventType": "DealLost", "deal": {"id": 7}}, "deal/7", Expectation.NOT_WON),
        ({"eventType": "DealStatusChange", "deal": {"id": 7}}, "deal/7", Expectation.ANYTHING),
        ({"eventType": "OrganizationIsACustomer", "organization": {"id": "a"}}, "company/a", Expectation.CUSTOMER),
        ({"eventType": "DealWon", "deal": {"id": 7}, "organization": {"id": 9}}, "deal/7", Expectation.WON),
        ({"deal": {"id": 7}}, "deal/7", Expectation.ANYTHING),
        ({"deal": {"id": 7}, "organization": {"id": 9}}, "deal/7", Expectation.ANYTHING),
        ({"organization": {"id": 9}}, "company/9", Expectation.ANYTHING),
    ],
)
def test_an_event_hints_at_a_record_and_at_what_a_reading_will_show(told, record, expects):
    assert mapping.hint(event(**told)) == (record, expects)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"eventType": "DealWon"},
        {"eventType": "DealWon", "organization": {"id": 9}},
        {"eventType": "OrganizationIsACustomer"},
        {"eventType": "OrganizationIsACustomer", "deal": {"id": 7}},
        {"eventType": "PersonChanged", "deal": {"id": 7}, "organization": {"id": 9}},
    ],
)
def test_an_event_that_means_nothing_to_us_hints_at_nothing(told):
    assert mapping.hint(event(**told)) is None


def test_all_events_that_mean_something_are_subscribed_to():
    assert set(mapping.EVENTS) == {"DealWon", "DealLost", "DealStatusChange", "OrganizationIsACustomer"}


@pytest.mark.parametrize(("number", "is_one"), [(0, False), (-1, False), (1, True), (2**31 - 1, True), (2**31, False)])
def test_the_deal_of_an_event_is_a_number_that_graphql_takes(number, is_one):
    if is_one:
        assert event(deal={"id": number}).deal.id == number
    else:
        with pytest.raises(ValidationError):
            event(deal={"id": number})


@pytest.mark.parametrize(
    ("company_id", "is_one"), [("", False), ("x", True), ("x" * 100, True), ("x" * 101, False), (True, False)]
)
def test_the_company_of_an_event_has_an_id_of_sensible_length(company_id, is_one):
    if is_one:
        assert event(organization={"id": company_id}).organization.id == company_id
    else:
        with pytest.raises(ValidationError):
            event(organization={"id": company_id})


def test_items_of_the_feed_are_told_apart_by_their_position_or_else_by_their_parts():
    assert mapping.position(event(position=0, eventType="DealWon")) == "0"
    assert mapping.position(event(position="p1", deal={"id": 7})) == "p1"
    assert mapping.position(event(eventType="DealWon", deal={"id": 7}, organization={"id": 9})) == "DealWon/7/9"
    assert mapping.position(event(eventType="DealWon")) == "DealWon//"
