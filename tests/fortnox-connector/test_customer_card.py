"""What a customer's card in Fortnox would add to an invoice: left out, followed, or refused; and the sum compared afterwards."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

TABLE = (Path(__file__).parents[2] / "docs" / "field-mapping.md").read_text("utf-8")
RULES = re.findall(r"^\| `([A-Z]+)` \| ([^|]+) \| `(\w+)` \| ([^|]+) \| (needed|not needed) \|$", TABLE, re.MULTILINE)
COUNTRIES = {"at home": ("SE", None), "in another EU country": ("DE", "GR"), "outside the EU": ("NO", "GB")}
PREFIXES = {None: "SE", "GR": "EL"}
ACCOUNTS = {"SalesAccount": 3041, "ConstructionAccount": 3232, "EUVATAccount": 3046, "EUAccount": 3048, "ExportAccount": 3045}
DIFFERENCE = "10\N{NO-BREAK SPACE}049,00 SEK ≠ 10\N{NO-BREAK SPACE}000,00 SEK"


def vat_number(country):
    return f"{PREFIXES.get(country, country)}123456789"


async def invoice_of(world, number, deal_id=None, **deal):
    """The outcome of one deal of a customer, and the invoices that the company has then."""
    command = world.invoice(number, deal_id, **deal)
    await world.send(command)
    outcome = await world.outcome(command.command_id, 60)
    return outcome, (await world.state())["invoices"]


async def card(world, **fields):
    """A customer with such a card; its number."""
    made = await world.fortnox("POST", "customers", {"Customer": {"Name": "Exempel AB", **fields}})
    return made["Customer"]["CustomerNumber"]


def excluding_vat(invoice):
    return sum(Decimal(str(invoice[name])) * sign for name, sign in (("Total", 1), ("TotalVAT", -1), ("RoundOff", -1)))


@pytest.fixture
async def wilful(world):
    """An emulator in which the card's fee comes back, whatever is sent: as if Fortnox passed a 0 over."""
    await world.switch(zero_keeps_card_terms=True)
    yield world
    await world.switch(zero_keeps_card_terms=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"InvoiceAdministrationFee": "49"},
        {"InvoiceFreight": "95"},
        {"InvoiceDiscount": 10},
        {"PriceList": "B"},
        {"ShowPriceVATIncluded": True},
        {"InvoiceAdministrationFee": "49", "InvoiceFreight": "95", "InvoiceDiscount": 10, "ShowPriceVATIncluded": True},
    ],
    ids=lambda fields: "+".join(fields),
)
async def test_what_a_card_adds_is_left_out_of_a_deal_of_10_000(world, fields):
    await world.fortnox("POST", "pricelists", {"PriceList": {"Code": "B", "Description": "Storkund"}})
    await world.fortnox("POST", "prices", {"Price": {"ArticleNumber": "1000", "PriceList": "B", "Price": 77}})
    number = await card(world, **fields)
    outcome, (invoice,) = await invoice_of(world, number, value=Decimal(10_000))
    assert outcome["type"] == "RecordSaved"
    assert excluding_vat(invoice) == 10_000


@pytest.mark.parametrize(("vat_type", "place", "account", "vat", "needs"), RULES, ids=[rule[0] for rule in RULES])
async def test_each_row_of_the_table_of_vat_types_is_as_it_says(world, vat_type, place, account, vat, needs):
    assert len(RULES) == 5
    await world.fortnox("PUT", "articles/1000", {"Article": {**ACCOUNTS, "VAT": 12}})
    for country in COUNTRIES[place]:
        number = await card(world, VATType=vat_type, CountryCode=country, VATNumber=vat_number(country))
        outcome, invoices = await invoice_of(world, number, value=Decimal(100))
        assert outcome["type"] == "RecordSaved", outcome
        (row,) = invoices[-1]["InvoiceRows"]
        rate = {"as the article": 12, "0": 0}[vat.strip()]
        assert (row["AccountNumber"], row["VAT"], invoices[-1]["TotalVAT"]) == (ACCOUNTS[account], rate, rate)
        without = await card(world, VATType=vat_type, CountryCode=country)
        outcome, _ = await invoice_of(world, without)
        assert outcome.get("reason") == {"needed": "customer_vat_number", "not needed": None}[needs]
        foreign = await card(world, VATType=vat_type, CountryCode=country, VATNumber="FR123456789")
        assert (await invoice_of(world, foreign))[0]["reason"] == "customer_vat_number"


@pytest.mark.parametrize(("vat_type", "place"), [rule[:2] for rule in RULES], ids=[rule[0] for rule in RULES])
async def test_a_vat_type_is_refused_for_every_country_that_the_table_does_not_give_it(world, vat_type, place):
    for other in COUNTRIES.keys() - {place}:
        for country in COUNTRIES[other]:
            number = await card(world, VATType=vat_type, CountryCode=country, VATNumber=vat_number(country))
            outcome, invoices = await invoice_of(world, number)
            assert (outcome["reason"], outcome["detail"]) == ("customer_vat", f"{vat_type}, {country or 'SE'}")
            assert invoices == []


async def test_a_vat_type_that_nobody_knows_is_refused_by_its_name(world):
    number = await card(world)
    await world.alter("customers", number, VATType="MOON")
    outcome, invoices = await invoice_of(world, number)
    assert (outcome["reason"], outcome["detail"], invoices) == ("customer_vat_unknown", "MOON", [])


async def test_an_article_without_an_account_for_the_type_leaves_it_to_the_companys(world):
    number = await card(world, VATType="SEREVERSEDVAT", VATNumber="SE556000000101")
    _, (invoice,) = await invoice_of(world, number)
    (row,) = invoice["InvoiceRows"]
    assert (row["AccountNumber"], row["VAT"], invoice["TotalVAT"]) == (3231, 0, 0)


async def test_an_invoice_that_costs_something_else_is_never_done_and_names_both_amounts(wilful):
    number = await card(wilful, InvoiceAdministrationFee="49")
    outcome, (invoice,) = await invoice_of(wilful, number, 9201, value=Decimal(10_000))
    assert (outcome["reason"], outcome["detail"]) == ("document_differs", DIFFERENCE)
    assert outcome["remote_id"] == invoice["DocumentNumber"]


async def test_trying_again_looks_at_the_same_invoice_until_it_agrees_and_makes_no_second_one(wilful):
    number = await card(wilful, InvoiceAdministrationFee="49")
    first, (invoice,) = await invoice_of(wilful, number, 9202, value=Decimal(10_000))
    again, _ = await invoice_of(wilful, number, 9202, value=Decimal(10_000))
    assert (again["reason"], again["detail"], again["remote_id"]) == (first["reason"], first["detail"], first["remote_id"])
    await wilful.fortnox("PUT", f"invoices/{invoice['DocumentNumber']}", {"Invoice": {"AdministrationFee": 0}})
    mended, invoices = await invoice_of(wilful, number, 9202, value=Decimal(10_000))
    assert (mended["type"], mended["remote_id"], len(invoices)) == ("RecordSaved", invoice["DocumentNumber"], 1)
    changed, _ = await invoice_of(wilful, number, 9202, value=Decimal(12_000))
    assert changed["reason"] == "document_differs"


async def test_an_invoice_that_differs_and_is_cancelled_is_done_with_a_note(wilful):
    number = await card(wilful, InvoiceFreight="49")
    _, (invoice,) = await invoice_of(wilful, number, 9203, value=Decimal(10_000))
    await wilful.fortnox("PUT", f"invoices/{invoice['DocumentNumber']}/cancel")
    outcome, invoices = await invoice_of(wilful, number, 9203, value=Decimal(10_000))
    assert (outcome["type"], outcome["note"], len(invoices)) == ("RecordSaved", "cancelled", 1)


async def test_an_invoice_that_is_found_after_a_lost_answer_is_compared_in_the_same_way(wilful):
    number = await card(wilful, InvoiceAdministrationFee="49")
    await wilful.fault("POST /3/invoices", "lost_answer")
    outcome, (invoice,) = await invoice_of(wilful, number, 9204, value=Decimal(10_000))
    assert (outcome["reason"], outcome["detail"]) == ("document_differs", DIFFERENCE)
    assert outcome["remote_id"] == invoice["DocumentNumber"]


async def test_an_invoice_in_another_currency_is_told_with_both(world):
    number = await card(world)
    outcome, (invoice,) = await invoice_of(world, number, 9205, value=Decimal(10_000))
    await world.fortnox("PUT", f"invoices/{invoice['DocumentNumber']}", {"Invoice": {"Currency": "EUR"}})
    outcome, _ = await invoice_of(world, number, 9205, value=Decimal(10_000))
    assert outcome["detail"] == "10\N{NO-BREAK SPACE}000,00 EUR ≠ 10\N{NO-BREAK SPACE}000,00 SEK"


@pytest.mark.parametrize(
    ("vat_type", "answered", "found"),
    [
        ("EUREVERSEDVAT", "EUREVERSEDVAT: VAT 25 % ≠ 0 %, 3041 ≠ 3048", "EUREVERSEDVAT: VAT 25 % ≠ 0 %"),
        # The rates agree: a person may have chosen another account since.
        ("EUVAT", "EUVAT: 3041 ≠ 3046", ""),
        ("SEVAT", "", ""),
    ],
)
async def test_a_card_that_changes_between_its_reading_and_the_post_is_told(parts, vat_type, answered, found):
    world = parts.world
    await world.alter("articles", "1000", **ACCOUNTS)
    number = await card(world, VATType="SEVAT", CountryCode="SE")
    maker = parts.executor.invoices.for_command(world.invoice(number, value=Decimal(1000)))
    await maker.prepare()
    if vat_type != "SEVAT":
        await world.alter("customers", number, VATType=vat_type, CountryCode="DE", VATNumber="DE123456789")
    made = await maker.send(await maker.reserve())
    assert (made.problem, made.detail) == ("document_differs" if answered else "", answered)
    again = await maker.known(made.remote_id)
    assert (again.problem, again.detail) == ("document_differs" if found else "", found)


async def test_a_card_that_changes_while_the_answer_is_lost_is_told_and_never_done(world):
    number = await card(world, VATType="SEVAT", CountryCode="SE")
    # Longer than a request may take.
    await world.fault("POST /3/invoices", "late_commit", delay=30)
    command = world.invoice(number, value=Decimal(1000))
    await world.send(command)
    sent = "SELECT sent_at FROM creation WHERE connection_id = $1"
    await world.until(lambda: world.pool.fetchval(sent, world.connection_id))
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"VATType": "SEREVERSEDVAT", "VATNumber": "SE556000000101"}})
    outcome = await world.outcome(command.command_id, 60)
    assert (outcome["reason"], outcome["detail"]) == ("document_differs", "SEREVERSEDVAT: VAT 25 % ≠ 0 %")
    assert len((await world.state())["invoices"]) == 1


async def test_a_card_that_cannot_be_read_after_the_post_makes_no_second_invoice(world):
    number = await card(world)
    await world.fault("GET /3/customers/{number}", "status_403", skip=1, record=number)
    outcome, invoices = await invoice_of(world, number, value=Decimal(1000))
    assert (outcome["type"], len(invoices)) == ("RecordSaved", 1)
    assert len(await world.calls(method="POST", route="/3/invoices")) == 1
