"""What Fortnox says no for becomes a reason that says where to mend it."""

from __future__ import annotations

import pytest

from fortnox_connector.refusals import REASON_OF_CODE, reason_of

REFERENCE = {
    "customer_missing": {2000204: "customer in a payload not found", 2000433: "Kan inte hitta kunden."},
    "article_missing": {2000428: "Kan inte hitta artikeln.", 2001302: "article not found in the request"},
    "account_missing": {
        **{2000423: "account not found", 2000550: "account not active", 2001304: "Kunde inte hitta konto"},
        **{2001403: "predefined account problem", 2004167: "account required when a custom VAT rate is used with EasyVAT"},
    },
    "setting_missing": {
        **{2000427: "currency not found", 2000429: "Kan inte hitta betalningsvillkoret.", 2000430: "price not found"},
        **{2000431: "price list not found", 2000432: "Kan inte hitta enheten.", 2000435: "terms of delivery not found"},
        **{2001161: "project not found"},
    },
    "data_refused": {
        **{2000106: "must be alphanumeric", 2000107: "value too long", 2000108: "must be numeric", 2000134: "must be boolean"},
        **{2000359: "otillåtna tecken", 2001600: "YourReference > 50 characters", 2001896: "Comments > 1024"},
    },
    "validation": {
        2000013: "Artikelnumret är redan taget",
        2000637: "customer number already used",
        2004194: "Ogiltigt VAT-nummer.",
    },
}
"""Fortnox' list of codes with its meanings, by what a person is told of each."""
YEAR = "Det finns inget öppet räkenskapsår för fakturadatumet."


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        (2000429, "Kan inte hitta betalningsvillkoret.", "setting_missing"),
        (2000431, "", "setting_missing"),
        (2001161, "", "setting_missing"),
        (2001304, "Kunde inte hitta konto", "account_missing"),
        (2000359, "Otillåtna tecken", "data_refused"),
        (2000204, "Kunde inte hitta kund", "customer_missing"),
        (2001302, "", "article_missing"),
        (0, YEAR, "year_closed"),
        (2990000, "Bokföring kan inte ske: perioden är låst.", "year_closed"),
        (2990000, "There is no financial year for the date", "year_closed"),
        (2990000, "Kostnadsställe X finns inte", "setting_missing"),
        (2990000, "Något helt annat", "validation"),
        (0, "", "validation"),
    ],
)
def test_a_code_or_else_the_words_give_the_reason(code, words, reason):
    assert reason_of(code, words) == reason


@pytest.mark.parametrize(("reason", "code"), [(reason, code) for reason, codes in REFERENCE.items() for code in codes])
def test_each_code_of_fortnox_list_that_a_create_can_meet_has_the_reason_of_its_meaning(reason, code):
    assert reason_of(code, REFERENCE[reason][code]) == reason_of(code, "") == reason


def test_a_code_that_is_known_goes_before_the_words():
    assert {reason_of(code, YEAR) for code in REASON_OF_CODE} == set(REASON_OF_CODE.values())


async def test_without_an_open_financial_year_the_books_are_named_and_the_invoice_is_made_once_it_is_open(world):
    number = await world.made_customer()
    settings = f"/control/fortnox/tenants/{world.tenant}/settings"
    before = (await world.sandbox.get(settings)).json()
    assert (await world.sandbox.put(settings, json={**before, "financial_year": False})).is_success
    command = world.invoice(number)
    await world.send(command)
    outcome = await world.outcome(command.command_id)
    assert (outcome["reason"], outcome["detail"]) == ("year_closed", YEAR)
    assert (await world.sandbox.put(settings, json={**before, "financial_year": True})).is_success
    again = world.invoice(number, command.deal.deal_id)
    await world.send(again)
    assert (await world.outcome(again.command_id))["type"] == "RecordSaved"
    assert len((await world.state())["invoices"]) == 1
