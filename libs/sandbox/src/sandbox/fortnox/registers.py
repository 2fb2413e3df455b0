"""Small registers: terms of payment, units, currencies, price lists (reference 5.6, 5.7), the company's own data, the user."""

from dataclasses import dataclass
from typing import Any

from sandbox.fortnox.company import BASE, Answer, Call, Company, Handler, quoted
from sandbox.fortnox.errors import missing, undocumented
from sandbox.fortnox.listing import Listing
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value

BASE_CURRENCY = "SEK"
INFORMATION = (
    "Address City CountryCode DatabaseNumber CompanyName OrganizationNumber VisitAddress VisitCity VisitCountryCode "
    "VisitZipCode ZipCode"
)
SETTINGS = (
    "Address BG BIC BranchCode City ContactFirstName ContactLastName Country CountryCode DatabaseNumber Domicile Email Fax "
    "IBAN Name OrganizationNumber PG Phone1 Phone2 TaxEnabled VATNumber VisitAddress VisitCity VisitCountry "
    "VisitCountryCode VisitName VisitZipCode WWW ZipCode"
)
USES = {
    "termsofpayments": (("customers", None, "TermsOfPayment"), ("invoices", None, "TermsOfPayment"),
                        ("orders", None, "TermsOfPayment")),
    "units": (("articles", None, "Unit"), ("invoices", "InvoiceRows", "Unit"), ("orders", "OrderRows", "Unit")),
    "currencies": (("customers", None, "Currency"), ("invoices", None, "Currency"), ("orders", None, "Currency")),
}  # fmt: skip


@dataclass(frozen=True)
class SmallRegister:
    """One register of codes: listed, read, made, changed and removed in the same way."""

    kind: str
    plural: str
    singular: str
    schema: Schema
    upper: bool = False
    is_removable: bool = True

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path and handler of each call."""
        one = f"{self.kind}/{{number}}"
        always: list[tuple[str, str, Handler]] = [
            ("GET", self.kind, self.listed), ("GET", one, self.get), ("POST", self.kind, self.create), ("PUT", one, self.update),
        ]  # fmt: skip
        return [*always, ("DELETE", one, self.delete)] if self.is_removable else always

    def listed(self, company: Company, call: Call) -> Answer:
        """GET of all. No search, order or `lastmodified`: 2000588 (reference 4)."""
        listing = Listing(kind=self.kind, wrapper=self.plural, slim=lambda record: record, lastmodified=False)
        return Answer(listing.answer(company, call.query))

    def get(self, company: Company, call: Call) -> Answer:
        """GET of one."""
        return Answer({self.singular: self._existing(company, call.keys[0])})

    def create(self, company: Company, call: Call) -> Answer:
        """POST; a code can be made anew when its record was removed."""
        changes = self.schema.read(call.wrapped(self.singular), company.switches, creating=True)
        code = changes["Code"] = changes["Code"].upper() if self.upper else changes["Code"]
        if company[self.kind].get(code) is not None:
            raise undocumented(f"Koden {code} används redan.")
        record = {"@url": f"{BASE}/{self.kind}/{quoted(code)}", **self.schema.blank(), **changes}
        return Answer({self.singular: self._saved(company, record)}, 201, self.kind)

    def update(self, company: Company, call: Call) -> Answer:
        """PUT; the code stays."""
        record = self._existing(company, call.keys[0])
        changes = self.schema.read(call.wrapped(self.singular), company.switches, creating=False)
        if changes.get("Code", record["Code"]) != record["Code"]:
            raise undocumented("Koden kan inte ändras.")
        return Answer({self.singular: self._saved(company, {**record, **changes})})

    def delete(self, company: Company, call: Call) -> Answer:
        """DELETE; refused while a record names the code, unless a switch lets it go."""
        code = self._existing(company, call.keys[0])["Code"]
        if code == BASE_CURRENCY and self.kind == "currencies":
            raise undocumented("Företagets egen valuta kan inte tas bort.")
        if not company.switches.delete_in_use and any(_names(company, use, code) for use in USES[self.kind]):
            raise undocumented(f"Koden {code} används och kan inte tas bort.")
        company[self.kind].remove(code)
        return Answer(None, 204)

    def _existing(self, company: Company, code: str) -> Value:
        record = company[self.kind].get(code)
        if record is None:
            raise missing(self.kind)
        return record

    def _saved(self, company: Company, record: Value) -> Value:
        if "Date" in record:
            record = {**record, "Date": company.today().isoformat()}
        company[self.kind].save(record["Code"], record)
        return record


def _names(company: Company, use: tuple[str, str | None, str], code: str) -> bool:
    kind, rows, name = use
    records = company[kind].values()
    return any(part[name] == code for record in records for part in (record[rows] if rows else [record]))


TERMS_OF_PAYMENTS = SmallRegister("termsofpayments", "TermsOfPayments", "TermsOfPayment", Schema("terms_of_payment"))
UNITS = SmallRegister("units", "Units", "Unit", Schema("unit"))
CURRENCIES = SmallRegister("currencies", "Currencies", "Currency", Schema("currency"), upper=True)
PRICE_LISTS = SmallRegister("pricelists", "PriceLists", "PriceList", Schema("price_list"), upper=True, is_removable=False)


def company_information(company: Company, call: Call) -> Answer:
    """GET /3/companyinformation; note the z in OrganizationNumber."""
    known = {**_known(company), "CompanyName": company.name}
    return Answer({"CompanyInformation": {name: known.get(name, "") for name in INFORMATION.split()}})


def company_settings(company: Company, call: Call) -> Answer:
    """GET /3/settings/company"""
    known = {**_known(company), "Name": company.name, "Country": "Sverige", "TaxEnabled": True}
    known["BG"] = "5050-1055" if company.settings.bank_details else ""
    return Answer({"CompanySettings": {name: known.get(name, "") for name in SETTINGS.split()}})


def _known(company: Company) -> dict[str, Any]:
    """What both answers hold. DatabaseNumber is the tenant id: a number in one source, text in another."""
    number = company.tenant if company.switches.database_number_text else int(company.tenant)
    address = {"Address": "Storgatan 1", "ZipCode": "111 22", "City": "Stockholm", "CountryCode": "SE"}
    return {**address, "DatabaseNumber": number, "OrganizationNumber": company.organisation_number}


def me(company: Company, call: Call) -> Answer:
    """GET /3/me: whoever gave the consent."""
    user = {"Id": "1", "Name": "Kim Administratör", "Email": "kim@bolaget.example", "SysAdmin": True, "Locale": "sv_SE"}
    return Answer({"MeInformation": user})
