"""Company data in every form that people write it, and what it is compared as."""

from __future__ import annotations

import time

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from normal_forms.contacts import domain_of, read_domain, read_email, read_phone
from normal_forms.names import read_names
from normal_forms.numbers import read_digits, read_identifier, read_number
from normal_forms.places import read_country, read_postcode, read_street, read_town, split_postcode_line
from normal_forms.text import fold

A_THOUSAND = settings(max_examples=1000, deadline=None)
WORDS = [
    *(
        "AB",
        "Aktiebolag",
        "(publ)",
        "HB",
        "Brf",
        "Stiftelsen",
        "ek. för.",
        "i",
        "Stockholm",
        "Norra",
        "c/o",
        "&",
        "och",
        "filial",
    ),
    *("Berg", "Å", "Öst", "1", "12A", "Box", "gatan", "v.", "Södra", "S:t", ",", "-", "/", "("),
]
TEXTS = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join))


@pytest.mark.parametrize(
    "written",
    [
        "Bergströms Måleri AB",
        "BERGSTRÖMS  MÅLERI AB ",
        "AB Bergströms Måleri",
        "Bergströms Måleri Aktiebolag",
        "Bergströms Måleri AB (publ)",
        "Bergströms Måleri A.B.",
        "Bergstroms Maleri AB",
        "BergstrÃ¶ms MÃ¥leri AB",
        "Bergströms Måleri AB c/o Ekonomi",
        "Bergströms Måleri AB, Malmö",
        "Bergströms Måleri AB - Ekonomiavdelningen",
        "Bergströms Måleri AB filial",
    ],
)
def test_a_legal_name_in_another_form_is_the_same(written: str) -> None:
    (name,) = read_names(written)
    assert (name.legal, name.core) == ("bergstroms maleri [ab]", "bergstroms maleri")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bostadsrättsföreningen Solen", "Brf Solen"),
        ("Dalens ekonomiska förening", "Dalens ek. för."),
        ("Stiftelsen Hopp", "Hopp stiftelse"),
        ("Svensson & Co HB", "Handelsbolaget Svensson och Co"),
        ("Ting A/S", "Ting AS"),
    ],
)
def test_every_legal_form_has_one_form(one: str, other: str) -> None:
    assert read_names(one) == read_names(other)
    assert read_names(one)[0].legal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bergs AB", "Bergs HB"),
        ("Måleri i Lund AB", "Måleri AB"),
        ("Måleri i Lund AB", "Måleri i Kalmar AB"),
        ("Ek 1 AB", "Ek 2 AB"),
        ("Bergs", "Bergs AB"),
    ],
)
def test_what_the_law_tells_apart_has_another_legal_name(one: str, other: str) -> None:
    assert read_names(one)[0].legal != read_names(other)[0].legal


def test_a_field_with_two_names_holds_the_legal_one_first() -> None:
    for written in (
        "Kalles Kök (Karlsson Restaurang AB)",
        "Karlsson Restaurang AB / Kalles Kök",
        "Kalles Kök t/a Karlsson Restaurang AB",
    ):
        assert [name.core for name in read_names(written)] == ["karlsson restaurang", "kalles kok"]


def test_a_unit_keeps_the_name_that_tells_it_from_the_others() -> None:
    assert read_names("Ekby kommun, Skolförvaltningen")[0].core == "ekby kommun skolforvaltningen"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Storgatan 5", "storg 5"),
        ("STORG. 5", "storg 5"),
        ("Stor gatan 5 A", "storg 5a"),
        ("Storgatan 5A lgh 1102", "storg 5a"),
        ("Storgatan 5, 2 tr", "storg 5"),
        ("Hamnvägen 1-3", "hamnv 1"),
        ("Hamnv. 1", "hamnv 1"),
        ("Södra vägen 3", "sv 3"),
        ("Vanadisvägen 12", "vanadisv 12"),
        ("Portgatan 5 port B", "portg 5"),
        ("Planvägen 3, plan 2", "planv 3"),
        ("S:t Eriksgatan 12", "steriksg 12"),
        ("Sankt Eriksgatan 12", "steriksg 12"),
        ("Box 12", "box 12"),
        ("Postbox 012", "box 12"),
        ("P.O. Box 12", "box 12"),
        ("c/o Anna Ek", ""),
        ("", ""),
    ],
)
def test_a_street_or_a_box_has_one_form(written: str, expected: str) -> None:
    assert read_street(written) == expected


def test_postcodes_towns_and_countries() -> None:
    assert {read_postcode(written) for written in ("123 45", "12345", "S-123 45", "SE-12345", " 123 45 ")} == {"12345"}
    assert read_postcode("D-20095") == "d20095"
    assert {read_town(written) for written in ("Åmål", "ÅMÅL", "Åmål, Sverige", "Åmål 1")} == {"amal"}
    assert {read_country(written) for written in ("SE", "se", "Sverige", "Sweden", "Schweden")} == {"SE"}
    assert (read_country("Tyskland"), read_country("UK"), read_country("Lönneberga")) == ("DE", "GB", "")
    assert split_postcode_line("123 45 Stockholm") == ("12345", "stockholm")
    assert split_postcode_line("Storgatan 12345") is None


@pytest.mark.parametrize(
    "written", ["08-123 456 78", "+46 8 123 456 78", "+46(0)8-12345678", "0046812345678", "08 12345678 / 070-1", "08/123 456 78"]
)
def test_a_telephone_number_has_one_form(written: str) -> None:
    assert read_phone(written) == "+46812345678"


def test_a_foreign_telephone_number_is_read_by_its_country() -> None:
    assert read_phone("12 34 56 78", "DK") == read_phone("+45 12345678", "SE") == "+4512345678"
    assert read_phone("070-123 45 67", "NO") == "0701234567"


def test_what_has_too_few_digits_is_no_telephone_number() -> None:
    assert (read_phone("123 45"), read_phone("123 456"), read_phone("123/456")) == ("", "+46123456", "+46123456")
    assert (read_phone("000 00"), read_phone("000 000", "NO")) == ("", "000000")


@A_THOUSAND
@given(st.integers(1_000_000, 999_999_999))
def test_the_short_way_to_a_swedish_number_is_the_librarys(number: int) -> None:
    digits = f"0{number}"
    parsed = phonenumbers.parse(digits, "SE")
    assert read_phone(digits) == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def test_addresses_on_the_net() -> None:
    assert read_email("Mail: <Info@Foo.SE>; b@c.se") == "info@foo.se"
    assert domain_of("info@mail.foo.se") == "foo.se"
    assert domain_of("anna@gmail.com") == "", "an address that anybody may have names no company"
    assert {read_domain(written) for written in ("https://www.Foo.se/x?y", "foo.se", "www.foo.se", "http://foo.se:80")} == {
        "foo.se"
    }
    assert read_domain("https://shop.foo.co.uk") == "foo.co.uk"
    assert read_domain("facebook.com/foo") == read_domain("saknas") == ""


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("Org.nr: 556677-8899", "", "5566778899"),
        ("Orgnr 556677–8899", "SE", "5566778899"),
        ("Momsreg.nr SE556677889901", "", "5566778899"),
        ("19880320-0016", "", "8803200016"),
        ("DK 13585628", "", "DK13585628"),
        ("13585628", "DK", "DK13585628"),
        ("NO 974760673 MVA", "", "NO974760673"),
        ("974 760 673", "NO", "NO974760673"),
        ("2077474-0", "FI", "FI20774740"),
        ("DE136695976", "", "DE136695976"),
        ("DE136695977", "", ""),
        ("13585628", "SE", ""),
        ("saknas", "", ""),
    ],
)
def test_a_number_is_read_in_every_country(written: str, country: str, expected: str) -> None:
    assert read_identifier(written, country) == expected


@pytest.mark.parametrize(
    "written",
    [
        "SE",
        "se",
        " Se ",
        "SE.",
        "SWE",
        "swe",
        "Sverige",
        "Sverige ",
        "SVERIGE",
        "Sweden",
        "SE - Sverige",
        "Sweden (SE)",
        "Ruotsi",
    ],
)
def test_a_country_is_read_in_every_form(written: str) -> None:
    assert read_country(written) == "SE"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(
            ("Norge", "NO"),
            ("NORWAY", "NO"),
            ("NOR", "NO"),
            ("Danmark", "DK"),
            ("Suomi", "FI"),
            ("U.K.", "GB"),
            ("England", "GB"),
        ),
        *(("USA", "US"), ("Holland", "NL"), ("El", "GR"), ("Côte d’Ivoire", "CI"), ("Guinea-Bissau", "GW")),
    ],
)
def test_a_country_abroad_is_read_in_every_form(written: str, code: str) -> None:
    assert read_country(written) == code


@pytest.mark.parametrize("written", ["", " ", "XX", "ZZ", "EU", "S", "SE/NO", "Sverige, Norge", "Lönneberga", "752", "-"])
def test_what_names_no_one_country_is_no_country(written: str) -> None:
    assert read_country(written) == ""


@pytest.mark.parametrize(
    "written",
    [
        *("5560360793.0", "5560360793.00", "5560360793,0", "5 560 360 793,00", "5,560,360,793", "5.560.360.793,00"),
        *("165560360793.0", "'556036-0793", '="5560360793"', " 5560360793.0 ", "16 556036-0793", "SE 556036079301"),
    ],
)
def test_a_number_out_of_a_spreadsheet_is_the_same_company(written: str) -> None:
    assert read_number(written).normal == read_identifier(written) == read_digits(written) == "5560360793"


def test_a_number_that_lost_its_first_zero_in_a_spreadsheet_is_nobodys() -> None:
    assert read_identifier("010110-1525")
    assert read_identifier("1011015250"), "with the decimal as a digit it would be another person's number"
    assert (read_identifier("101101525.0"), read_digits("101101525.0")) == ("", "101101525")


def test_telephone_numbers_and_postcodes_out_of_a_spreadsheet_have_no_digit_more() -> None:
    assert read_phone("812345678.0") == read_phone("08-12345678") == "+46812345678"
    assert read_postcode("12345.0") == read_postcode("123 45") == "12345"


def test_a_mistyped_number_can_still_be_compared() -> None:
    assert read_digits("16556677-8890") == read_digits("556677 8890") == "5566778890"


@A_THOUSAND
@given(TEXTS)
@example("A v. A gatan")
@example("B:V")
def test_normal_forms_are_idempotent(text: str) -> None:
    for read in (fold, read_street, read_postcode, read_town, read_email, read_domain, read_identifier, read_phone, read_digits):
        assert read(read(text)) == read(text), read
    for name in read_names(text):
        assert [again.core for again in read_names(name.core)] == [name.core]
        if name.legal:
            assert read_names(name.legal)[0].legal == name.legal


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200e", "\u202d", "\u2060", "\ufeff"])
def test_a_sign_that_nobody_sees_changes_nothing(sign: str) -> None:
    assert read_identifier(f"{sign}556677{sign}-8899{sign}") == "5566778899"
    assert read_names(f"{sign}Bergs Må{sign}leri AB{sign}") == read_names("Bergs Måleri AB")
    assert read_email(f"in{sign}fo@bergs.se") == "info@bergs.se"


@pytest.mark.parametrize("written", ["a b " + "i c " * 2000, "()" * 50_000, "Box " + "1" * 5000, "a" * 200_000 + "@"])
def test_a_field_of_any_length_is_read_at_once(written: str) -> None:
    """These took minutes, or more digits than Python reads: one record would have held up its whole topic."""
    started = time.process_time()
    for read in (read_names, read_street, read_email, read_domain, read_town, read_phone, read_identifier, read_postcode):
        read(written)
    assert time.process_time() - started < 1.0
