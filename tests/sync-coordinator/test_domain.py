"""The pure rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.kinds import RecordKind
from contracts.values import Address, CustomField, Trigger
from matcher.records import Rung
from sync_coordinator import texts
from sync_coordinator.domain.checks import customer_problem, deal_problem, fitted, is_braked, needs_fresh_read, value_problem
from sync_coordinator.domain.payment import stockholm_date
from sync_coordinator.domain.reasons import REASONS, reason_of
from sync_coordinator.domain.records import Record, State, is_settled
from sync_coordinator.domain.status import status_text

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIELD_MAPPING = Path(__file__).parents[2] / "docs" / "field-mapping.md"


def a_record(kind=RecordKind.INVOICE, key="1", state=State.DONE, **changes):
    changes.setdefault("cause", Trigger.DEAL_WON)
    return Record(uuid4(), kind, key, "c1", state, NOW, **changes)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "value_unreadable"),
        ("0", "value_zero"),
        ("0.00", "value_zero"),
        ("-1", "value_negative"),
        ("NaN", "value_unusable"),
        ("Infinity", "value_unusable"),
        ("1.005", "value_unusable"),
        ("1234567890123456", "value_unusable"),
        ("1E+15", "value_unusable"),
        ("12345678901234.56", "value_unusable"),
        ("1E+14", None),
        ("123456789012345", None),
        ("1234567890123.45", None),
        ("0.01", None),
        ("100.500", None),
    ],
)
def test_only_a_positive_amount_that_fits_is_invoiced(value, reason):
    assert value_problem(None if value is None else Decimal(value)) == reason


@given(st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999999.99"), places=2))
def test_every_amount_in_whole_ore_is_usable_however_it_is_written(value):
    assert value_problem(value) is None
    assert value_problem(value.normalize()) is None
    assert value_problem(value * Decimal("1.0000")) is None


@given(st.decimals())
def test_whatever_passes_is_exact_to_the_ore(value):
    if value_problem(value) is None:
        assert value > 0
        assert value == value.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"company_id": None}, "company_missing"),
        ({"name": "   "}, "deal_name_missing"),
        ({"name": "x" * 256}, "deal_name_too_long"),
        ({"name": "x" * 255}, None),
        ({"value": None}, "value_unreadable"),
    ],
)
def test_a_deal_that_cannot_be_invoiced_says_why(make, changes, reason):
    assert deal_problem(make.deal(**changes)) == reason


@pytest.mark.parametrize(
    ("country", "reason"),
    [
        *((None, None), ("", None), ("SE", None), (" se", None), ("Sverige", None), ("SWEDEN ", None), ("SWE", None)),
        *(("NO", "foreign_vat_unsettled"), ("Norge", "foreign_vat_unsettled"), ("nor", "foreign_vat_unsettled")),
        *(("Lönneberga", "country_unreadable"), ("XX", "country_unreadable")),
    ],
)
def test_a_customer_abroad_is_not_made_by_us(make, country, reason):
    assert customer_problem(make.company(postal_address=Address(country_code=country)), "SE") == reason


def test_the_visiting_address_tells_the_country_when_the_postal_one_does_not(make):
    company = make.company(postal_address=Address(), visiting_address=Address(country_code="DK"))
    assert customer_problem(company, "SE") == "foreign_vat_unsettled"


@given(st.text(max_size=80), st.text(max_size=80))
def test_references_fit_and_every_cut_is_told(contact, coworker):
    from contracts.values import Deal

    deal = Deal(deal_id=1, name="x", company_id="c1", value=Decimal(1), contact_person=contact, responsible_coworker=coworker)
    result = fitted(deal)
    assert result.deal.contact_person == contact[:50]
    assert ("your_reference_cut" in result.cuts) == (len(contact) > 50)
    assert ("our_reference_cut" in result.cuts) == (len(coworker) > 50)


def test_remarks_that_will_be_cut_are_told(make):
    deal = make.deal(custom_fields=(CustomField(title="Rabatt", value="x" * 1020),))
    assert fitted(deal).cuts == ("remarks_cut",)


@pytest.mark.parametrize(
    ("hour", "month", "limit", "braked"),
    [(19, 19, 20, False), (20, 20, 20, True), (20, 7200, 20, False), (50, 7200, 20, True), (0, 0, 1, False)],
)
def test_the_brake_takes_the_higher_of_the_limit_and_five_times_the_usual(hour, month, limit, braked):
    assert is_braked(hour, month, limit) is braked


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_a_day_begins_at_midnight_in_stockholm(moment, day):
    assert stockholm_date(moment) == day


def test_a_deal_that_waited_ten_minutes_is_read_again():
    assert not needs_fresh_read(NOW, NOW + timedelta(minutes=10), timedelta(minutes=10))
    assert needs_fresh_read(NOW, NOW + timedelta(minutes=11), timedelta(minutes=10))
    assert needs_fresh_read(None, NOW, timedelta(minutes=10))


def test_nothing_is_written_back_while_anything_moves():
    customer = a_record(RecordKind.CUSTOMER, "c1")
    assert is_settled([customer, a_record(state=State.WITHDRAWN)])
    assert not is_settled([customer, a_record(state=State.SENDING)])
    assert not is_settled([customer, a_record(state=State.MATCHING)])
    assert not is_settled([a_record(RecordKind.CUSTOMER, "c1", cause=None)])


@pytest.mark.parametrize(
    ("reason", "is_told"),
    [
        ("stale", False),
        ("connection_changed", False),
        ("outcome_unknown", False),
        ("customer_appeared", True),
        ("validation", True),
    ],
)
def test_lime_go_is_told_of_what_waits_for_somebody_not_of_what_only_waits_in_a_queue(reason, is_told):
    waiting = a_record(state=State.NEEDS_ATTENTION, reason=reason)
    assert is_settled([a_record(RecordKind.CUSTOMER, "c1"), waiting]) is is_told


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([a_record(RecordKind.CUSTOMER, "c1")], "kund i Fortnox"),
        ([a_record(RecordKind.CUSTOMER, "c1"), a_record(remote_id="1042")], "faktura 1042"),
        ([a_record(key=str(n), remote_id=str(n)) for n in (8, 9, 10, 11)], "faktura 9, 10, 11"),
        (
            [a_record(remote_id="7"), a_record(key="2", state=State.NEEDS_ATTENTION, reason="value_zero")],
            "faktura 7; väntar: affären saknar värde",
        ),
        (
            [a_record(RecordKind.CUSTOMER, "c1", State.NEEDS_ATTENTION, reason="organisation_number_missing")],
            "väntar: organisationsnummer saknas",
        ),
    ],
)
def test_the_line_in_lime_go_says_what_there_is_and_what_it_waits_for(records, text):
    assert status_text(records) == text


@given(st.lists(st.sampled_from(sorted(REASONS)), max_size=20))
def test_the_line_in_lime_go_never_grows_over_255_characters(reasons):
    found = [a_record(key=str(n), state=State.NEEDS_ATTENTION, reason=reason) for n, reason in enumerate(reasons)]
    assert len(status_text(found)) <= 255


def test_an_unknown_reason_still_says_what_to_do():
    assert all(reason_of("nobody_knows").words("sv"))
    assert all(reason_of("nobody_knows").words("en"))


def test_every_reason_and_its_remedy_is_in_the_field_mapping():
    text = FIELD_MAPPING.read_text(encoding="utf-8")
    missing = [code for code, reason in REASONS.items() if f"`{code}`" not in text or reason.remedy[1] not in text]
    assert missing == []


@pytest.mark.parametrize("rung", sorted({*Rung} - {Rung.LINK, Rung.SCORE}))
def test_every_rung_that_links_in_the_live_flow_is_told_in_words(rung):
    for language in texts.LANGUAGES:
        told = texts.entry("linked", {"number": "17", "rung": rung.value}, language)
        assert "17" in told
        assert f"({rung.value})" not in told


def test_every_text_has_both_languages():
    for table in (texts.TIMELINE, texts.STATES, texts.KINDS, texts.PAGE, texts.NOTICES, texts.NOTES):
        for code, words in table.items():
            assert all(words), code
            assert re.findall(r"{\w+}", words[0]) == re.findall(r"{\w+}", words[1]), code
