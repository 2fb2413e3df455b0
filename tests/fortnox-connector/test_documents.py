"""What is sent to Fortnox of a deal and a company, and what is read of its invoices, articles and customers: no service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer
from contracts.values import Address, Company, Customer, CustomField, Deal
from fortnox_connector import card, mapping
from fortnox_connector.payloads import (
    ArticleLine,
    FullArticle,
    FullCustomer,
    FullInvoice,
    FullOrder,
    FullPayment,
    InvoiceLine,
    MadeInvoice,
    MetaInformation,
    SlimCustomer,
    SlimDocument,
    SlimPayment,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADDRESSED = {
    "connection_id": UUID(int=1),
    "command_id": UUID(int=2),
    "generation": 1,
    "fortnox_tenant": 1,
    "limego_database": "bolaget",
    "decided_at": NOW,
}
SEVAT, REVERSED = card.RULES["SEVAT"], card.RULES["SEREVERSEDVAT"]
ARTICLE = FullArticle.model_validate({"ArticleNumber": "1000", "VAT": "25", "SalesAccount": 3041, "Unit": "st"})
INVOICE = {
    **{"DocumentNumber": 7, "CustomerNumber": "3", "CustomerName": "Exempel AB", "Currency": "EUR"},
    **{"YourReference": "Eva", "OurReference": "Per", "TermsOfPayment": "30", "ExternalInvoiceReference1": "limego:b:deal:1;"},
    **{"InvoiceDate": "2026-11-29", "DueDate": "2026-12-29", "Booked": True, "Cancelled": False},
    **{"TotalVAT": 250, "RoundOff": "0.5", "Total": 1250.5, "Balance": 1250.5, "Reminders": 2},
}


def an_order(value="1000.50", currency="SEK", customer_number="3", **deal):
    content = {"deal_id": 7, "name": "Införande", "company_id": "c1", "value": Decimal(value) if value else None, **deal}
    return CreateFortnoxInvoice(
        **ADDRESSED, deal=Deal(**content), customer_number=customer_number, standard_article="1000", currency=currency
    )


def a_save(**company):
    content = {"company_id": "c1", "name": "Exempel AB", **company}
    return SaveFortnoxCustomer(**ADDRESSED, company=Company(**content), currency="SEK")


def sent(article=ARTICLE, rule=SEVAT, **deal):
    invoice = mapping.invoice_body(an_order(**deal), article, rule, "limego:bolaget:deal:7;")["Invoice"]
    (row,) = invoice.pop("InvoiceRows")
    return invoice, row


def read(**fields):
    return mapping.invoice(FullInvoice.model_validate({**INVOICE, **fields}))


def rows(invoice):
    return [(row.description, row.quantity, row.article_number, row.price, row.total) for row in invoice.rows]


def test_references_end_so_that_none_is_the_beginning_of_another():
    assert mapping.deal_reference("bolaget", 7) == "limego:bolaget:deal:7;"
    assert mapping.company_reference("bolaget", "c1") == "limego:bolaget:company:c1;"


def test_a_deal_becomes_one_row_and_nothing_is_taken_from_the_card():
    fields = (CustomField(title="Projekt", value="P1"), CustomField(title="Tom", value=""), CustomField(title="Märke", value="B"))
    invoice, row = sent(contact_person="Eva", responsible_coworker="Per", custom_fields=fields)
    assert invoice == {
        **{"CustomerNumber": "3", "Currency": "SEK", "ExternalInvoiceReference1": "limego:bolaget:deal:7;"},
        **{"VATIncluded": False, "AdministrationFee": 0, "Freight": 0},
        **{"YourReference": "Eva", "OurReference": "Per", "Remarks": "Projekt: P1; Märke: B"},
    }
    assert row == {
        **{"ArticleNumber": "1000", "Description": "Införande", "DeliveredQuantity": "1", "Price": 1000.5, "Unit": "st"},
        **{"Discount": 0, "DiscountType": "PERCENT", "VAT": 25, "AccountNumber": 3041},
    }


def test_what_lime_go_does_not_know_is_left_out():
    invoice, row = sent(FullArticle(ArticleNumber="1000"))
    assert not {"YourReference", "OurReference", "Remarks"} & invoice.keys()
    # Fortnox then takes rate, account and unit of the article or the company.
    assert not {"VAT", "AccountNumber", "Unit"} & row.keys()


def test_a_rule_without_vat_says_so_whatever_the_article_says():
    assert sent(rule=REVERSED)[1]["VAT"] == 0
    assert sent(FullArticle(ArticleNumber="1000"), REVERSED)[1]["VAT"] == 0


def test_texts_are_cut_where_fortnox_ends():
    long = CustomField(title="Text", value="x" * 2000)
    invoice, row = sent(name="n" * 300, contact_person="k" * 60, responsible_coworker="s" * 60, custom_fields=(long,))
    lengths = [len(invoice[name]) for name in ("YourReference", "OurReference", "Remarks")]
    assert (*lengths, len(row["Description"])) == (50, 50, 1024, 255)
    assert mapping.OWN_REFERENCE_LIMIT == 80


@pytest.mark.parametrize(("value", "price"), [("1000", 1000), ("1000.50", 1000.5), ("0.01", 0.01), (None, 0)])
def test_a_price_is_a_json_number_whole_where_it_is_whole(value, price):
    _, row = sent(value=value)
    assert (row["Price"], type(row["Price"])) == (price, type(price))


def test_a_company_becomes_a_customer_without_empty_fields():
    assert mapping.customer_body(a_save())["Customer"] == {
        **{"Name": "Exempel AB", "Currency": "SEK", "ExternalReference": "limego:bolaget:company:c1;"}
    }
    whole = a_save(
        organisation_number="5560360793",
        phone="0701234567.0",
        email="eva@exempel.se",
        postal_address=Address(street="Gatan 1", postcode="11122.0", city="Stockholm", country_code="SE"),
        visiting_address=Address(street="Torget 2", postcode="33344", city="Lund"),
    )
    assert mapping.customer_body(whole)["Customer"] == {
        **{"Name": "Exempel AB", "OrganisationNumber": "556036-0793", "Phone1": "0701234567", "Email": "eva@exempel.se"},
        **{"CountryCode": "SE", "Address1": "Gatan 1", "ZipCode": "11122", "City": "Stockholm"},
        **{"DeliveryAddress1": "Torget 2", "DeliveryZipCode": "33344", "DeliveryCity": "Lund"},
        **{"Currency": "SEK", "ExternalReference": "limego:bolaget:company:c1;"},
    }


def test_a_number_and_a_country_that_cannot_be_read_are_not_guessed():
    assert mapping.organisation_number("okänt") == "okänt"
    assert mapping.organisation_number(None) is None
    assert (mapping.country_code("Sverige"), mapping.country_code("Ruritanien"), mapping.country_code(None)) == ("SE", None, None)


def test_a_customer_differs_by_what_the_company_knows_and_not_by_how_it_is_written():
    address = Address(street="Gatan 1", postcode="111 22", city="Lund")
    wanted = a_save(organisation_number="5560360793", postal_address=address)
    card_of_it = {"CustomerNumber": "1", "Name": "EXEMPEL AB", "OrganisationNumber": "556036-0793", "Address1": "gatan 1"}
    same = FullCustomer(**card_of_it, ZipCode="11122", City="LUND")
    assert mapping.customer_differences(wanted, same) == ()
    assert mapping.customer_differences(a_save(), same) == ()
    other = FullCustomer(CustomerNumber="1", Name="Annan AB", OrganisationNumber="556012-5790", ZipCode="33344", City="Malmö")
    told = [(one.field, one.made, one.wanted) for one in mapping.customer_differences(wanted, other)]
    assert told == [
        ("organisation_number", "556012-5790", "5560360793"),
        ("name", "Annan AB", "Exempel AB"),
        ("street", "", "Gatan 1"),
        ("postcode", "33344", "111 22"),
        ("city", "Malmö", "Lund"),
    ]


def test_a_number_of_another_form_is_looked_for_as_written_and_bare():
    assert mapping.written_forms(" DE-123 ") == ("DE-123", "DE123")
    assert mapping.written_forms("AB12345678") == ("AB12345678",)


def made(total="1250.5", vat="250", currency="SEK", customer="3"):
    fields = {"Total": total, "TotalVAT": vat, "Currency": currency, "CustomerNumber": customer}
    return FullInvoice.model_validate({**INVOICE, "RoundOff": 0, **fields})


def test_a_document_is_compared_without_vat_in_its_currency_and_by_its_customer():
    order = an_order()
    assert mapping.difference(made(), order) == mapping.document_difference(made(), order) == ""
    assert mapping.difference(made(total="10050"), an_order("10049")) == "9\xa0800,00 SEK ≠ 10\xa0049,00 SEK"
    assert mapping.difference(made(currency="EUR"), order) == "1\xa0000,50 EUR ≠ 1\xa0000,50 SEK"
    assert mapping.difference(made(total=250), an_order(None)) == ""
    elsewhere = "Fortnox 4 / Lime Go 3"
    assert mapping.document_difference(made(customer="4"), order) == elsewhere
    both = mapping.document_difference(made(total="10050", customer="4"), an_order("10049"))
    assert both == f"9\xa0800,00 SEK ≠ 10\xa0049,00 SEK; {elsewhere}"


def test_an_invoice_is_read_whole():
    row = {"Description": "Införande", "DeliveredQuantity": "2.00", "ArticleNumber": "1000", "PriceExcludingVAT": 500}
    invoice = read(InvoiceRows=[{**row, "TotalExcludingVAT": 1000}])
    expected = {
        **{"document_number": "7", "customer_number": "3", "customer_name": "Exempel AB", "currency": "EUR"},
        **{"your_reference": "Eva", "our_reference": "Per", "terms_of_payment": "30"},
        **{"invoice_date": date(2026, 11, 29), "due_date": date(2026, 12, 29)},
        **{"net": 1000, "vat": 250, "round_off": Decimal("0.5"), "amount": Decimal("1250.5"), "balance": Decimal("1250.5")},
        **{"reminders": 2, "is_booked": True, "is_cancelled": False, "is_credit_note": False},
        **{"credit_reference": None, "external_reference": "limego:b:deal:1;", "written_off": 0},
    }
    assert {name: getattr(invoice, name) for name in expected} == expected
    assert rows(invoice) == [("Införande", 2, "1000", 500, 1000)]


def test_what_an_invoice_does_not_say_is_none_or_0_and_without_terms_it_is_due_at_once():
    invoice = read(DueDate="", Reminders=None, RoundOff="", Freight=None, AdministrationFee="", InvoiceRows=[{}])
    assert (invoice.due_date, invoice.reminders, invoice.round_off) == (date(2026, 11, 29), 0, 0)
    assert rows(invoice) == [("", 0, None, 0, 0)]


def test_freight_and_fee_are_rows_without_their_vat():
    fees = {"Freight": 100, "FreightVAT": 20, "AdministrationFee": 50, "AdministrationFeeVAT": 10}
    assert rows(read(**fees)) == [("Frakt", 1, None, 100, 100), ("Administrationsavgift", 1, None, 50, 50)]
    # What does not name its VAT has none.
    bare = read(Freight=100, AdministrationFee=50, VATIncluded=True)
    assert rows(bare) == [("Frakt", 1, None, 100, 100), ("Administrationsavgift", 1, None, 50, 50)]
    included = read(**fees, VATIncluded=True)
    assert rows(included) == [("Frakt", 1, None, 80, 80), ("Administrationsavgift", 1, None, 40, 40)]


@pytest.mark.parametrize(("credit", "is_note"), [("true", True), ("True", True), ("false", False), (None, False)])
def test_a_credit_note_says_so_in_words_and_names_the_other_end(credit, is_note):
    invoice = read(Credit=credit, CreditInvoiceReference="9")
    assert (invoice.is_credit_note, invoice.credit_reference) == (is_note, "9")
    assert read(CreditInvoiceReference=0).credit_reference is None
    assert read(CreditInvoiceReference="").credit_reference is None


@pytest.mark.parametrize("missing", ["Total", "TotalVAT", "Balance", "Booked", "Cancelled", "InvoiceDate", "CustomerNumber"])
def test_an_invoice_that_does_not_say_what_matters_is_an_error(missing):
    with pytest.raises(ValidationError):
        FullInvoice.model_validate({name: value for name, value in INVOICE.items() if name != missing})


@pytest.mark.parametrize("number", ["", None, True, 1.5])
@pytest.mark.parametrize(("model", "key"), [(SlimCustomer, "CustomerNumber"), (SlimDocument, "DocumentNumber")])
def test_a_record_without_a_number_is_an_error(model, key, number):
    with pytest.raises(ValidationError):
        model.model_validate({key: number})
    assert getattr(model.model_validate({key: 17}), key) == "17"


def test_what_need_not_be_there_need_not_be_there():
    assert SlimPayment(Number="1", InvoiceNumber="2").Booked is False
    # Not said is not no: the payment is read to be sure.
    assert SlimPayment(Number="1", InvoiceNumber="2").WriteOffExist is True
    assert SlimPayment.model_validate({"Number": "1", "InvoiceNumber": "2", "WriteOffExist": None}).WriteOffExist is False
    assert FullPayment.model_validate({"Number": "1", "WriteOffs": None}).WriteOffs == []
    assert [one.Amount for one in FullPayment.model_validate({"Number": 1, "WriteOffs": [{}, {"Amount": "2"}]}).WriteOffs] == [
        0,
        2,
    ]
    assert FullOrder(DocumentNumber="1").InvoiceReference == "0"
    article = FullArticle.model_validate({"ArticleNumber": "1000", "VAT": "", "SalesPrice": None})
    assert (article.VAT, article.SalesPrice, article.Active) == (None, None, True)
    assert FullCustomer(CustomerNumber="1").Active is True
    invoice = FullInvoice.model_validate({**INVOICE, "VATIncluded": None})
    assert invoice.VATIncluded is False
    lone = MadeInvoice.model_validate({"DocumentNumber": 1, "Total": 10, "TotalVAT": 2})
    assert (lone.Currency, lone.excluding_vat) == ("SEK", 8)
    assert MadeInvoice.model_validate(
        {"DocumentNumber": 1, "Total": 10, "TotalVAT": 2, "RoundOff": "0.5"}
    ).excluding_vat == Decimal("7.5")
    nothing = MetaInformation()
    assert (nothing.total_resources, nothing.total_pages) == (0, 0)


@pytest.mark.parametrize(("model", "key"), [(InvoiceLine, "DocumentNumber"), (ArticleLine, "ArticleNumber")])
def test_whatever_changes_in_a_line_changes_its_fingerprint(model, key):
    line, same, other = ({key: "1", "Balance": balance} for balance in (10, 10, 11))
    assert mapping.digest(model.model_validate(line)) == mapping.digest(model.model_validate(same))
    assert mapping.digest(model.model_validate(line)) != mapping.digest(model.model_validate(other))


def test_a_customer_reads_the_same_from_its_line_and_by_its_number():
    line = {"CustomerNumber": "1", "Name": "Exempel AB", "OrganisationNumber": "556036-0793", "Email": "eva@exempel.se"}
    place = {"Address1": "Gatan 1", "ZipCode": "11122", "City": "Lund"}
    expected = Customer(
        customer_number="1",
        name="Exempel AB",
        organisation_number="556036-0793",
        phone="070",
        email="eva@exempel.se",
        address=Address(street="Gatan 1", postcode="11122", city="Lund"),
    )
    assert mapping.customer(SlimCustomer(**line, **place, Phone="070")) == expected
    whole = mapping.whole_customer(FullCustomer(**line, **place, Phone1="070", Active=False))
    assert whole == expected.model_copy(update={"active": False})
    bare = mapping.customer(SlimCustomer(CustomerNumber="1"))
    assert bare == Customer(customer_number="1", name="")


def test_an_article_is_a_product_and_may_have_neither_price_nor_unit():
    content = {"ArticleNumber": "1", "Description": "Tjänst", "SalesPrice": "10.5", "Unit": "h", "Active": False}
    product = mapping.product(FullArticle.model_validate(content))
    assert product.model_dump() == {
        **{"article_number": "1", "description": "Tjänst", "price": Decimal("10.5"), "unit": "h", "is_active": False}
    }
    bare = mapping.product(FullArticle(ArticleNumber="1"))
    assert (bare.price, bare.unit, bare.is_active) == (None, None, True)
