"""Small registers that only answer reads: company, currencies, terms of payment, units."""

from typing import Any

from sandbox.fortnox.company import BASE, CURRENCIES, TERMS, UNITS, Answer, Call, Company, quoted
from sandbox.fortnox.errors import NOT_FOUND, bad

Rows = dict[str, dict[str, Any]]


def _terms(company: Company) -> Rows:
    return {code: {"Code": code, "Description": text} for code, text in TERMS.items()}


def _units(company: Company) -> Rows:
    return {code: {"Code": code, "Description": text, "CodeEnglish": ""} for code, text in UNITS.items()}


def _currencies(company: Company) -> Rows:
    today = company.today().isoformat()
    return {
        code: {
            "BuyRate": rate,
            "Code": code,
            "Date": today,
            "Description": text,
            "IsAutomatic": False,
            "SellRate": rate,
            "Unit": 1,
        }
        for code, (rate, text) in CURRENCIES.items()
    }


REGISTERS = {
    "termsofpayments": (_terms, "TermsOfPayments", "TermsOfPayment"),
    "units": (_units, "Units", "Unit"),
    "currencies": (_currencies, "Currencies", "Currency"),
}


def _listed(kind: str, company: Company, call: Call) -> Answer:
    if set(call.query) - {"page", "limit", "offset"}:
        raise bad(2000588, "Ogiltig parameter i anropet.")
    rows, plural, _ = REGISTERS[kind]
    found = [{"@url": f"{BASE}/{kind}/{quoted(code)}", **row} for code, row in rows(company).items()]
    meta = {"@TotalResources": len(found), "@TotalPages": 1, "@CurrentPage": 1}
    return Answer({"MetaInformation": meta, plural: found})


def _one(kind: str, company: Company, call: Call) -> Answer:
    rows, _, singular = REGISTERS[kind]
    row = rows(company).get(call.keys[0])
    if row is None:
        raise NOT_FOUND[kind]
    return Answer({singular: {"@url": f"{BASE}/{kind}/{quoted(call.keys[0])}", **row}})


def terms_listed(company: Company, call: Call) -> Answer:
    """GET /3/termsofpayments"""
    return _listed("termsofpayments", company, call)


def terms_one(company: Company, call: Call) -> Answer:
    """GET /3/termsofpayments/{number}"""
    return _one("termsofpayments", company, call)


def units_listed(company: Company, call: Call) -> Answer:
    """GET /3/units"""
    return _listed("units", company, call)


def units_one(company: Company, call: Call) -> Answer:
    """GET /3/units/{number}"""
    return _one("units", company, call)


def currencies_listed(company: Company, call: Call) -> Answer:
    """GET /3/currencies"""
    return _listed("currencies", company, call)


def currencies_one(company: Company, call: Call) -> Answer:
    """GET /3/currencies/{number}"""
    return _one("currencies", company, call)


def company_information(company: Company, call: Call) -> Answer:
    """GET /3/companyinformation; DatabaseNumber is the tenant id."""
    address = {"Address": "Storgatan 1", "City": "Stockholm", "CountryCode": "SE", "DatabaseNumber": int(company.tenant)}
    visit = {"VisitAddress": "", "VisitCity": "", "VisitCountryCode": "", "VisitZipCode": "", "ZipCode": "111 22"}
    names = {"CompanyName": company.name, "OrganizationNumber": company.organisation_number}
    return Answer({"CompanyInformation": {**address, **names, **visit}})


def company_settings(company: Company, call: Call) -> Answer:
    """GET /3/settings/company"""
    text = (
        "Address BG BIC BranchCode City ContactFirstName ContactLastName Country CountryCode DatabaseNumber Domicile Email Fax "
        "IBAN Name OrganizationNumber PG Phone1 Phone2 TaxEnabled VATNumber VisitAddress VisitCity VisitCountry "
        "VisitCountryCode VisitName VisitZipCode WWW ZipCode"
    )
    known = {
        "Address": "Storgatan 1", "City": "Stockholm", "ZipCode": "111 22", "Country": "Sverige", "CountryCode": "SE",
        "DatabaseNumber": int(company.tenant), "Name": company.name, "OrganizationNumber": company.organisation_number,
        "TaxEnabled": True,
    }  # fmt: skip
    return Answer({"CompanySettings": {name: known.get(name, "") for name in text.split()}})
