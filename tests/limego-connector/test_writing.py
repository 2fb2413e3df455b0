"""What the connector shows in Lime Go, and how often it writes for that."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from contracts.commands import SaveLimeGoCompany, SaveLimeGoInvoice, SaveLimeGoProduct
from contracts.values import DocumentRow, Invoice, PaymentStatus, Product

WON = "ORDER"
MUTATION = "POST /v1/graphql"
TRIGGER = ("CompanyChanged", "CustomerBecameClient", "DealWon")


def an_invoice(**fields: object) -> Invoice:
    row = DocumentRow(
        description="Avtal", quantity=Decimal(1), article_number="1", price=Decimal("1E+3"), total=Decimal("1000.00")
    )
    content = {
        "document_number": "1042",
        "customer_number": "7",
        "customer_name": "Nordvikens Bygg AB",
        "currency": "SEK",
        "invoice_date": date(2026, 1, 2),
        "due_date": date(2026, 2, 1),
        "net": "1000",
        "vat": "250",
        "round_off": "0",
        "amount": "1250",
        "balance": "1250",
        "reminders": 0,
        "is_booked": True,
        "is_cancelled": False,
        "is_credit_note": False,
        "rows": (row,),
    }
    return Invoice.model_validate({**content, **fields})


def shown(number: str | None = "7", text: str = "faktura 1042", *, customer: bool = False) -> dict[str, object]:
    return {"customer_number": number, "status_text": text, "set_is_customer": customer}


async def test_customer_number_status_and_relation_are_one_write_without_echo(world: Any) -> None:
    company = await world.a_company()
    deal = await world.a_deal(organizationId=company)
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    outcome = await world.order(SaveLimeGoCompany, company_id=company, **shown(customer=True))
    assert (outcome["type"], outcome["kind"], outcome["remote_id"]) == ("RecordSaved", "company", company)
    held = await world.company(company)
    assert held["custom_fields"] == {"Fortnox kundnummer": "7", "Fortnox": "faktura 1042"}
    assert held["customer_relation"] == "IS_A_CUSTOMER"
    assert held["writes"]["api"] == 1
    await asyncio.sleep(0.5)
    await world.is_quiet()
    await world.heard(*TRIGGER)


async def test_our_own_relation_status_is_no_trigger_even_for_an_unreported_company(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.order(SaveLimeGoCompany, company_id=company, **shown(customer=True))
    await asyncio.sleep(0.5)
    await world.is_quiet()
    assert "CustomerBecameClient" not in await world.names()


async def test_an_unknown_customer_number_clears_nothing_and_long_text_is_cut(world: Any) -> None:
    company = await world.a_company(customFields={"Fortnox kundnummer": "7"})
    await world.activate()
    await world.order(SaveLimeGoCompany, company_id=company, **shown(None, "väntar: " + "x" * 300))
    fields = (await world.company(company))["custom_fields"]
    assert fields["Fortnox kundnummer"] == "7"
    assert len(fields["Fortnox"]) == 255
    assert fields["Fortnox"].endswith("…")


@pytest.mark.parametrize("kind", ["lost_answer", "answer_502"])
async def test_a_write_whose_answer_is_lost_is_looked_at_and_not_repeated(world: Any, kind: str) -> None:
    company = await world.a_company()
    await world.activate()
    await world.fault(MUTATION, kind, connection="updateOrganization")
    await world.order(SaveLimeGoCompany, company_id=company, **shown())
    held = await world.company(company)
    assert held["custom_fields"]["Fortnox"] == "faktura 1042"
    assert held["writes"]["api"] == 1


@pytest.mark.parametrize("kind", ["early_408", "early_302", "early_409", "garbled", "status_499", "refuse_404"])
async def test_an_answer_that_proves_nothing_is_looked_at_before_the_next_write(world: Any, kind: str) -> None:
    company = await world.a_company()
    await world.activate()
    # What was answered early is carried out four seconds later, at this time scale; to settle takes six.
    await world.fault(MUTATION, kind, connection="updateOrganization", delay=80)
    await world.fault("PUT /v1/erp/invoices/{documentNumber}", kind, delay=80)
    saved = world.order(SaveLimeGoCompany, company_id=company, **shown())
    invoice = world.order(SaveLimeGoInvoice, company_id=company, invoice=an_invoice(), payment_status=PaymentStatus.DUE)
    outcomes = await asyncio.gather(saved, invoice)
    assert [outcome["type"] for outcome in outcomes] == ["RecordSaved", "RecordSaved"]
    assert (await world.company(company))["writes"]["api"] == 1
    assert (await world.state())["invoices"]["1042"]["writes"] == 1


@pytest.mark.parametrize("kind", ["throttled", "status_302", "status_408", "refuse_404", "status_429"])
async def test_a_write_and_a_read_that_are_put_off_are_tried_again_by_themselves(world: Any, kind: str) -> None:
    company = await world.a_company()
    await world.activate()
    await world.fault(MUTATION, kind, connection="organization")
    await world.fault(MUTATION, kind, connection="updateOrganization")
    assert (await world.order(SaveLimeGoCompany, company_id=company, **shown()))["type"] == "RecordSaved"
    assert (await world.company(company))["writes"]["api"] == 1


async def test_a_write_that_is_never_answered_is_told_after_ten_minutes_and_shown_once_it_is(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    put = "PUT /v1/erp/invoices/{documentNumber}"
    await world.fault(put, "refuse_404", times=None)
    content = {"company_id": company, "invoice": an_invoice(), "payment_status": PaymentStatus.DUE}
    outcome = await world.order(SaveLimeGoInvoice, within=90, **content)
    assert (outcome["type"], outcome["reason"]) == ("RecordRefused", "write_unanswered")
    (await world.sandbox.delete("/control/faults")).raise_for_status()
    assert (await world.order(SaveLimeGoInvoice, **content))["type"] == "RecordSaved"


@pytest.mark.parametrize("point", ["limego.before_write", "limego.after_write"])
async def test_a_killed_write_is_finished_once(world: Any, point: str) -> None:
    company = await world.a_company()
    await world.activate()
    await world.restart(f"{point}:kill")
    made = SaveLimeGoCompany(
        connection_id=world.connection_id,
        command_id=uuid4(),
        generation=1,
        limego_database=world.database,
        company_id=company,
        **shown(customer=True),
    )
    await world.send(made)
    await world.has_died()
    await world.restart()
    assert (await world.outcome(made.command_id))["type"] == "RecordSaved"
    assert (await world.company(company))["writes"]["api"] == 1


async def test_a_refused_write_keeps_the_apis_own_words(world: Any) -> None:
    await world.activate()
    outcome = await world.order(SaveLimeGoCompany, company_id="pase404", **shown())
    assert (outcome["type"], outcome["reason"]) == ("RecordRefused", "validation")
    assert "pase404" in outcome["detail"]


async def test_an_invoice_is_shown_and_shown_again_when_it_is_paid(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    outcome = await world.order(SaveLimeGoInvoice, company_id=company, invoice=an_invoice(), payment_status=PaymentStatus.DUE)
    assert (outcome["type"], outcome["remote_id"]) == ("RecordSaved", "1042")
    paid = an_invoice(balance="0")
    await world.order(SaveLimeGoInvoice, company_id=company, invoice=paid, payment_status=PaymentStatus.PAID)
    held = (await world.state())["invoices"]["1042"]
    assert (held["paymentStatus"], held["balance"], held["amount"], held["writes"]) == ("paid", "0", "1250", 2)
    assert held["rows"][0]["price"] == "1000"


async def test_an_invoice_whose_answer_is_lost_is_written_once(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.fault("PUT /v1/erp/invoices/{documentNumber}", "lost_answer")
    await world.order(SaveLimeGoInvoice, company_id=company, invoice=an_invoice(), payment_status=PaymentStatus.DUE)
    assert (await world.state())["invoices"]["1042"]["writes"] == 1


async def test_a_product_with_a_slash_in_its_number_is_shown(world: Any) -> None:
    await world.activate()
    product = Product(article_number="A/1+2", description="Tjänst", price=None, unit="tim", is_active=True)
    assert (await world.order(SaveLimeGoProduct, product=product))["type"] == "RecordSaved"
    assert (await world.state())["products"]["A/1+2"]["price"] is None


async def test_a_command_of_another_generation_or_database_is_refused(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    elsewhere = await world.order(SaveLimeGoCompany, limego_database="annan", company_id=company, **shown())
    assert elsewhere["reason"] == "connection_changed"
    world.generation = 0
    assert (await world.order(SaveLimeGoCompany, company_id=company, **shown()))["reason"] == "connection_changed"
    assert (await world.company(company))["writes"] == {}
