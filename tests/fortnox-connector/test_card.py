"""What a customer's card says of VAT, without any service: the table of docs/field-mapping.md, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fortnox_connector import card, mapping
from fortnox_connector.payloads import FullArticle, FullCustomer, InvoiceRow
from servicekit.errors import PermanentError

TABLE = (Path(__file__).parents[2] / "docs" / "field-mapping.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([A-Z]+)` \| ([^|]+) \| `(\w+)` \| ([^|]+) \| (needed|not needed) \|$", TABLE, re.MULTILINE)
COUNTRIES = {
    "at home": {"SE": "SE"},
    "in another EU country": {"DE": "DE", "GR": "EL"},
    "outside the EU": {"NO": "NO", "GB": "GB"},
}
ACCOUNTS = {"SalesAccount": 3041, "ConstructionAccount": 3232, "EUVATAccount": 3046, "EUAccount": 3048, "ExportAccount": 3045}
MEMBERS = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"),
    *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SI", "SK"),
)
"""The union besides Sweden, as the EU lists it."""


def a_card(**fields):
    return FullCustomer(**{"CustomerNumber": "1", **fields})


def reason(home="SE", **fields):
    with pytest.raises(PermanentError) as refused:
        card.rule_of(a_card(**fields), home)
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize(("vat_type", "place", "account", "vat", "needs"), ROWS, ids=[row[0] for row in ROWS])
def test_each_row_of_the_table_is_as_it_says(vat_type, place, account, vat, needs):
    article = FullArticle(ArticleNumber="1000", **{name: str(number) for name, number in ACCOUNTS.items()})
    for country, letters in COUNTRIES[place].items():
        fields = {"VATType": vat_type, "CountryCode": country}
        rule = card.rule_of(a_card(**fields, VATNumber=f" {letters.lower()}123456789"), "SE")
        assert card.account(rule, article) == ACCOUNTS[account]
        assert rule.has_vat is (vat.strip() != "0")
        assert reason(**fields, VATNumber="FR123456789") == ("customer_vat_number", f"{vat_type}, {country}")
        if needs == "needed":
            assert reason(**fields) == ("customer_vat_number", f"{vat_type}, {country}")
        else:
            assert card.rule_of(a_card(**fields, VATNumber="  "), "SE") is rule
    for other in COUNTRIES.keys() - {place}:
        for country, letters in COUNTRIES[other].items():
            told = reason(VATType=vat_type, CountryCode=country, VATNumber=f"{letters}123456789")
            assert told == ("customer_vat", f"{vat_type}, {country}")


def test_every_member_state_is_in_the_union_and_its_neighbours_are_not():
    assert len(MEMBERS) == 26
    for country in MEMBERS:
        assert card.rule_of(a_card(VATType="EUVAT", CountryCode=country), "SE").place is card.Place.UNION
    for country in ("NO", "GB", "CH", "IS", "US"):
        assert card.rule_of(a_card(VATType="EXPORT", CountryCode=country), "SE").place is card.Place.BEYOND


def test_a_card_that_says_nothing_is_at_home_with_vat():
    assert card.rule_of(a_card(), "SE") is card.rule_of(a_card(VATType="SEVAT", CountryCode="SE"), "SE")
    assert card.rule_of(a_card(CountryCode="  "), "NO").place is card.Place.HOME
    assert reason(CountryCode="DE") == ("customer_vat", "SEVAT, DE")
    assert reason(VATNumber="DE123456789") == ("customer_vat_number", "SEVAT, SE")
    # A country that cannot be read is no country: nothing is guessed.
    assert reason(CountryCode="Ruritanien")[0] == "customer_vat"


def test_a_number_without_letters_is_a_number_where_none_is_needed_and_none_where_it_is():
    assert card.rule_of(a_card(VATNumber="5560000001"), "SE").needs_number is False
    assert card.rule_of(a_card(VATType="EUVAT", CountryCode="DE", VATNumber="123456789"), "SE").has_vat
    told = reason(VATType="EUREVERSEDVAT", CountryCode="DE", VATNumber="123456789")
    assert told == ("customer_vat_number", "EUREVERSEDVAT, DE")
    assert reason(VATType="SEREVERSEDVAT", VATNumber="5560000001") == ("customer_vat_number", "SEREVERSEDVAT, SE")


@pytest.mark.parametrize("number", ["EL123456789", "DE123456789", "SE556000000101"])
def test_a_customer_outside_the_union_has_no_number_of_it(number):
    assert reason(VATType="EXPORT", CountryCode="NO", VATNumber=number) == ("customer_vat_number", "EXPORT, NO")


def test_an_inactive_card_and_a_type_that_nobody_knows_are_refused_by_name():
    assert reason(Active=False) == ("customer_inactive", "")
    assert reason(VATType="MOON") == ("customer_vat_unknown", "MOON")


@pytest.mark.parametrize(("written", "account"), [("3041", 3041), ("", None), ("0", None), ("API_NORIGHT", None), ("³", None)])
def test_an_account_that_is_none_is_left_to_fortnox(written, account):
    article = FullArticle(ArticleNumber="1000", SalesAccount=written)
    assert card.account(card.rule_of(a_card(), "SE"), article) == account


@pytest.mark.parametrize("none", ["", "0", 0, 0.0, "0.00", "0,00", " 0 ", None])
@pytest.mark.parametrize(("vat_type", "told"), [("SEREVERSEDVAT", ""), ("SEVAT", "SEVAT: VAT 0 % ≠ 25 %")])
def test_no_vat_is_none_however_it_is_written(none, vat_type, told):
    article = FullArticle(ArticleNumber="1000", VAT="25")
    rows = [InvoiceRow(TotalExcludingVAT="99", VAT=none)]
    assert mapping.vat_difference(rows, a_card(VATType=vat_type), article, with_account=False) == told


@pytest.mark.parametrize("rate", ["25", 25, "25.00", "0.5", "25.000", "?"])
def test_a_rate_and_what_cannot_be_read_are_told(rate):
    rows = [InvoiceRow(TotalExcludingVAT="99", VAT=rate)]
    article = FullArticle(ArticleNumber="1000", VAT="25")
    told = mapping.vat_difference(rows, a_card(VATType="SEREVERSEDVAT"), article, with_account=False)
    assert told == f"SEREVERSEDVAT: VAT {rate} % ≠ 0 %"
