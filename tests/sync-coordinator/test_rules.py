"""What is decided without a database: what a link would change, how a side does, what a record remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from contracts.commands import CreateFortnoxInvoice
from contracts.health import Access, ReadHealth, Side, SideHealthReported
from contracts.kinds import RecordKind
from contracts.values import Address, Company, CustomField
from servicekit.durations import Durations
from sync_coordinator.domain.checks import amount, content_digest, first_cause, pause_after, remarks
from sync_coordinator.domain.health import Verdict, judge
from sync_coordinator.domain.linked import Linked, agrees, contradicts, is_confirmed
from sync_coordinator.domain.linking import Customer, LinkPreview, contradictions, masked
from sync_coordinator.domain.older_content import Content, in_words, of_companies, of_documents
from sync_coordinator.domain.records import Record, State, company_of
from sync_coordinator.domain.references import deal_key, deal_reference, standing_reference
from sync_coordinator.domain.status import status_text

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWN, OTHER = "556036-0793", "556012-5790"
DURATIONS = Durations()


def company(name="Exempel AB", number=OWN, company_id="c1"):
    return Company(company_id=company_id, name=name, organisation_number=number)


def an_order(make, **deal):
    return CreateFortnoxInvoice(
        connection_id=uuid4(),
        command_id=uuid4(),
        generation=1,
        fortnox_tenant=1,
        limego_database="bolaget",
        deal=make.deal(**deal),
        customer_number="17",
        standard_article="1000",
        currency="SEK",
        decided_at=NOW,
    )


def customer(number="17", name="Exempel AB", own=OWN, **changes):
    return Customer(number, 1, name, own, **changes)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Exempel AB", "EXEMPEL Aktiebolag (publ)", True),
        ("Exempel Bygg AB", "Exempel AB", True),
        ("Exempel AB", "Exempel Bygg AB", True),
        ("Bygg Exempel AB", "Exempel Bygg HB", True),
        ("Exempel AB", "Annan AB", False),
        ("Exempel Bygg AB", "Exempel Tak AB", False),
        ("", "Annan AB", True),
        ("Exempel Bygg AB", "Exempelbygg AB", False),
    ],
)
def test_names_agree_by_their_words_and_not_by_legal_form_or_order(one, other, agree):
    assert contradictions(company(one), customer(name=other)) == (() if agree else ("name",))


def test_everything_that_speaks_against_a_link_is_told_and_what_is_unknown_does_not():
    assert contradictions(company(), customer(name="Annan AB", own=OTHER, active=False)) == (
        ("organisation_number", "name", "inactive")
    )
    assert contradictions(company(number=None), customer(own=OTHER)) == ()
    assert contradictions(company(), customer(own=None, active=True)) == ()
    assert contradictions(None, customer(own=OTHER)) == ()


def test_a_customer_is_known_once_it_was_read_and_is_not_missing():
    assert Customer("17", 1).is_known
    assert not Customer("17").is_known
    assert not Customer("17", 1, is_missing=True).is_known


def test_a_link_moves_something_when_the_company_had_another_customer_or_somebody_holds_it():
    plain = LinkPreview("c1", company(), customer())
    assert (plain.moves, plain.may_swap, plain.is_plain) == (False, False, True)
    same = replace(plain, before=customer())
    assert (same.moves, same.may_swap, same.is_plain) == (False, False, True)
    other = replace(plain, before=customer("18"))
    assert (other.moves, other.may_swap, other.is_plain) == (True, False, False)
    held = replace(plain, holder_id="c2")
    assert (held.moves, held.may_swap, held.is_plain) == (True, False, False)
    swap = replace(held, before=customer("18"))
    assert (swap.moves, swap.may_swap, swap.is_plain) == (True, True, False)
    contradicted = replace(plain, customer=customer(own=OTHER))
    assert (contradicted.moves, contradicted.contradictions, contradicted.is_plain) == (False, ("organisation_number",), False)


def test_whatever_a_preview_shows_changes_what_is_confirmed():
    shown = LinkPreview("c1", company(), customer(city="Lund"))
    others = [
        replace(shown, company_id="c2"),
        replace(shown, company=None),
        replace(shown, company=company("Annat AB")),
        replace(shown, company=company(number=OTHER)),
        replace(shown, customer=customer("18", city="Lund")),
        replace(shown, customer=customer(name="Annat AB", city="Lund")),
        replace(shown, customer=customer(own=OTHER, city="Lund")),
        replace(shown, customer=customer(city="Malmö")),
        replace(shown, customer=customer(city="Lund", active=False)),
        replace(shown, before=customer("18")),
        replace(shown, holder_id="c2"),
        replace(shown, waiting=("1",)),
        replace(shown, under_way=("1",)),
    ]
    assert len({shown.token, *(other.token for other in others)}) == len(others) + 1
    assert shown.token == replace(shown).token
    assert len(shown.token) == 16


@pytest.mark.parametrize(
    ("own", "theirs", "confirmed", "against", "together"),
    [
        (OWN, OWN, "", False, True),
        (OWN, "5560360793", "", False, True),
        (OWN, OTHER, "", True, False),
        (OWN, OTHER, "5560360793|5560125790", False, True),
        (OWN, OTHER, "5560125790|5560360793", True, False),
        (OWN, None, "", False, False),
        (None, OTHER, "", False, False),
        (None, None, "", False, False),
        (None, OTHER, "|5560125790", False, True),
    ],
)
def test_a_link_stands_while_its_numbers_are_one_or_just_those_a_person_saw(own, theirs, confirmed, against, together):
    pair = Linked("c1", company(number=own), customer(own=theirs), confirmed)
    assert (contradicts(pair), agrees(pair)) == (against, together)
    assert is_confirmed(pair) is (confirmed != "" and together)


@pytest.mark.parametrize(("number", "shown"), [(None, ""), ("", ""), ("12345", "12345"), ("5560360793", OWN)])
def test_what_has_the_shape_of_a_number_is_shown_as_one(number, shown):
    assert masked(number) == shown


def test_a_reference_names_one_deal_of_one_database():
    assert deal_reference("bolaget", "7") == "limego:bolaget:deal:7;"
    assert deal_key("bolaget", "limego:bolaget:deal:7;") == "7"
    for foreign in (
        "limego:annat:deal:7;",
        "limego:bolaget:deal:7",
        "limego:bolaget:deal:;",
        "limego:bolaget:deal:x;",
        "7",
        "7;",
    ):
        assert deal_key("bolaget", foreign) is None


def test_a_cancelled_invoice_and_a_credit_note_are_no_document_of_a_deal(make):
    assert standing_reference(make.invoice(external_reference="r")) == "r"
    assert standing_reference(make.invoice(external_reference="r", is_cancelled=True)) == ""
    assert standing_reference(make.invoice(external_reference="r", is_credit_note=True)) == ""


def test_what_was_made_is_compared_with_what_the_deal_says_now():
    made = Content(Decimal("1234.5"), "SEK", "17")
    assert of_documents(made, replace(made)) == ""
    assert of_documents(made, replace(made, value=Decimal(2000))) == "1\xa0234,50 SEK ≠ 2\xa0000,00 SEK"
    assert of_documents(made, replace(made, currency="EUR")) == "1\xa0234,50 SEK ≠ 1\xa0234,50 EUR"
    unknown = replace(made, value=None, customer_number="")
    assert of_documents(made, unknown) == "1\xa0234,50 SEK ≠ –; Fortnox 17 / Lime Go –"
    assert of_documents(made, replace(made, customer_number="18")) == "Fortnox 17 / Lime Go 18"


def test_two_contents_of_a_company_differ_by_what_stands_on_its_card():
    before = company().model_copy(update={"postal_address": Address(street="A 1", postcode="1", city="Lund")})
    now = company("Annat AB", None).model_copy(update={"postal_address": Address(street="B 2", postcode="2", city="Malmö")})
    told = of_companies(before, now)
    assert [(one.field, one.made, one.wanted) for one in told] == [
        ("organisation_number", OWN, "–"),
        ("name", "Exempel AB", "Annat AB"),
        ("street", "A 1", "B 2"),
        ("postcode", "1", "2"),
        ("city", "Lund", "Malmö"),
    ]
    assert of_companies(before, before.model_copy(update={"email": "eva@exempel.se"})) == ()
    assert in_words("125", told[:2]) == f"125: Fortnox {OWN} / Lime Go –; Fortnox Exempel AB / Lime Go Annat AB"


@pytest.mark.parametrize(("refusals", "seconds"), [(1, 60), (2, 120), (3, 240), (8, 3600), (10_000, 3600)])
def test_pauses_double_up_to_the_longest(refusals, seconds):
    assert pause_after(refusals, 60.0, 3600.0) == seconds


def test_a_foreign_company_s_vat_comes_before_the_number_that_it_lacks():
    abroad = company(number=None).model_copy(update={"postal_address": Address(country_code="NO")})
    assert first_cause("organisation_number_missing", abroad, "SE") == "foreign_vat_unsettled"
    assert first_cause("organisation_number_invalid", abroad, "SE") == "foreign_vat_unsettled"
    assert first_cause("scored", abroad, "SE") == "scored"
    assert first_cause("organisation_number_missing", company(number=None), "SE") == "organisation_number_missing"
    assert first_cause("organisation_number_missing", None, "SE") == "organisation_number_missing"


def test_a_command_asks_for_the_same_until_its_content_changes(make):
    made = an_order(make, value=Decimal(1))
    same = made.model_copy(update={"command_id": uuid4(), "generation": 9, "decided_at": NOW + timedelta(days=1)})
    assert content_digest(same) == content_digest(made)
    assert content_digest(made.model_copy(update={"customer_number": "18"})) != content_digest(made)


def test_remarks_are_what_is_filled_in_and_an_amount_is_a_number_or_unknown(make):
    fields = tuple(CustomField(title=title, value=value) for title, value in (("Rabatt", "5"), ("Tom", ""), ("Märke", "B")))
    assert remarks(fields) == "Rabatt: 5; Märke: B"
    assert amount(make.deal(value=Decimal(5))) == 5
    assert [amount(deal) for deal in (None, make.deal(value=None))] == [None, None]


def test_the_company_of_a_deal_that_has_none_is_none():
    assert (company_of("c1"), company_of("deal/7")) == ("c1", None)


def a_record(state, kind=RecordKind.INVOICE, **changes):
    return Record(uuid4(), kind, "1", "c1", state, NOW, **changes)


def test_only_a_record_that_ended_forgets_why_it_was_refused():
    refused = a_record(State.SENDING, reason="x", detail="y", candidates=("1",), refused_for="validation", refusals=2)
    for state in State:
        moved = refused.moved(state, reason="r", detail="d", candidates=("2",), recheck=NOW)
        assert (moved.state, moved.reason, moved.detail, moved.candidates, moved.recheck_at) == (state, "r", "d", ("2",), NOW)
        ended = state in (State.DONE, State.WITHDRAWN)
        assert (moved.refused_for, moved.refusals) == (("", 0) if ended else ("validation", 2))
    assert refused.moved(State.WAITING).reason == ""


def test_a_line_in_lime_go_tells_only_of_what_it_shows():
    held = a_record(State.HELD, reason="brake")
    assert status_text([held]).startswith("väntar: ")
    assert status_text([a_record(State.NEEDS_ATTENTION, RecordKind.PRODUCT, reason="validation")]) == "väntar"
    assert status_text([a_record(State.WITHDRAWN, remote_id="7")]) == "väntar"
    assert status_text([a_record(State.SENDING, RecordKind.CUSTOMER)]) == "väntar"
    assert status_text([a_record(State.DONE)]) == "väntar"


def a_report(side=Side.FORTNOX, reported=0.0, access=Access.GRANTED, waiting=None, reads=((0.0, None),), records=()):
    """Ages in seconds; a reading is (completed, failing since)."""
    made = tuple(
        ReadHealth(
            resource="invoices",
            interval=60,
            completed_at=None if completed is None else NOW - timedelta(seconds=completed),
            failing_since=None if failing is None else NOW - timedelta(seconds=failing),
            problem="" if failing is None else "refused",
            records=records,
        )
        for completed, failing in reads
    )
    return SideHealthReported(
        connection_id=uuid4(),
        side=side,
        reported_at=NOW - timedelta(seconds=reported),
        interval=60,
        access=access,
        oldest_waiting_at=None if waiting is None else NOW - timedelta(seconds=waiting),
        reads=made,
    )


LIMIT = DURATIONS.stale_item


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (a_report(), Verdict.WORKING),
        (a_report(reported=180), Verdict.WORKING),
        (a_report(reported=181), Verdict.SILENT),
        (a_report(access=Access.MISSING), Verdict.NO_KEY),
        (a_report(access=Access.REFUSED), Verdict.REFUSED),
        (a_report(access=Access.MISSING, reported=181), Verdict.SILENT),
        (a_report(access=Access.UNKNOWN), Verdict.STARTING),
        (a_report(waiting=LIMIT), Verdict.WORKING),
        (a_report(waiting=LIMIT + 1), Verdict.BEHIND),
        (a_report(reads=()), Verdict.STARTING),
        (a_report(reads=((None, None),)), Verdict.STARTING),
        (a_report(reads=((0, None), (None, None))), Verdict.WORKING),
        (a_report(reads=((120, 100),)), Verdict.WORKING),
        (a_report(reads=((121, 100),)), Verdict.FAILING),
        (a_report(reads=((None, 121),)), Verdict.FAILING),
        (a_report(reads=((120 + LIMIT, None),)), Verdict.WORKING),
        (a_report(reads=((121 + LIMIT, None),)), Verdict.FAILING),
        (a_report(reads=((121, 100),), waiting=LIMIT + 1), Verdict.FAILING),
        (a_report(reads=((121, 100),), records=("7",)), Verdict.PARTLY),
        (a_report(reads=((121, 100),), records=("7",), waiting=LIMIT + 1), Verdict.BEHIND),
        (a_report(reads=((120, 100),), records=("7",)), Verdict.WORKING),
    ],
)
def test_a_side_is_judged_by_its_last_report(report, verdict):
    reports = {Side.LIMEGO: a_report(Side.LIMEGO), Side.FORTNOX: report}
    limego, fortnox = judge(reports, NOW - timedelta(days=1), NOW, DURATIONS).sides
    assert (limego.side, limego.verdict, fortnox.side, fortnox.verdict) == (Side.LIMEGO, Verdict.WORKING, Side.FORTNOX, verdict)
    assert fortnox.report == report
    if verdict in (Verdict.FAILING, Verdict.PARTLY, Verdict.WORKING):
        assert bool(fortnox.late) is (verdict is not Verdict.WORKING)


def test_a_side_that_never_reported_starts_for_three_reports_and_is_silent_then():
    patience = timedelta(seconds=3 * DURATIONS.health_report)
    for age, verdict in ((patience, Verdict.STARTING), (patience + timedelta(seconds=1), Verdict.SILENT)):
        health = judge({}, NOW - age, NOW, DURATIONS)
        assert [(side.verdict, side.report) for side in health.sides] == [(verdict, None)] * 2


def test_what_was_read_before_a_pause_is_not_late_for_it_unless_it_fails():
    for reads, verdict in ((((121 + LIMIT, None),), Verdict.WORKING), (((121 + LIMIT, 10),), Verdict.FAILING)):
        reports = {Side.LIMEGO: a_report(Side.LIMEGO), Side.FORTNOX: a_report(reads=reads)}
        assert judge(reports, NOW - timedelta(seconds=10), NOW, DURATIONS).sides[1].verdict is verdict


def test_a_connection_does_as_its_worse_side():
    for access, verdict in ((Access.REFUSED, Verdict.REFUSED), (Access.UNKNOWN, Verdict.STARTING)):
        reports = {Side.LIMEGO: a_report(Side.LIMEGO), Side.FORTNOX: a_report(access=access)}
        assert judge(reports, NOW, NOW, DURATIONS).verdict is verdict
