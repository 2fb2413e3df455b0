"""What a document's row takes from the customer's card and from its article where it says nothing itself (reference 5.1, 5.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sandbox.fortnox import articles, prices
from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import bad
from sandbox.fortnox.standard import PREDEFINED_ACCOUNTS
from sandbox.fortnox.store import Value
from sandbox.fortnox.values import tidy

SWEDISH = "SEVAT"
FREE_OF_VAT = frozenset({"SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"})
ARTICLE_ACCOUNTS = MappingProxyType({
    "SEVAT": "SalesAccount", "SEREVERSEDVAT": "ConstructionAccount", "EUVAT": "EUVATAccount", "EUREVERSEDVAT": "EUAccount",
    "EXPORT": "ExportAccount",
})  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """A customer's standing terms as one document has them; `reduction` is the document's type of tax reduction."""

    vat_type: str = SWEDISH
    discount: int | float = 0
    price_list: str = prices.DEFAULT_LIST
    reduction: str = "none"


def terms_of(company: Company, document: Mapping[str, Any]) -> Terms:
    """The terms of a document; a customer that is gone leaves those of a new one."""
    customer = company["customers"].get(document["CustomerNumber"])
    card = {"vat_type": customer["VATType"], "discount": customer["InvoiceDiscount"] or 0} if customer else {}
    return Terms(price_list=document["PriceList"], reduction=document["TaxReductionType"], **card)


def row_defaults(company: Company, changes: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """What a new row has that it does not say: the article's text, unit, VAT and housework, a price of the document's list, the
    card's discount, and an account. Raises Refusal for an unknown or inactive article and for a row that has no account."""
    number = changes.get("ArticleNumber")
    article = articles.sold(company, number) if number else None
    taken = _of_article(company, article, changes, terms) if article else {}
    if not (number or company.settings.predefined_accounts or "AccountNumber" in changes):
        raise bad(2001304)
    taken["AccountNumber"] = _account(article, terms.vat_type, changes.get("VAT", taken.get("VAT", 0)))
    if terms.discount and not {"Discount", "DiscountType"} & set(changes):
        taken |= {"Discount": terms.discount, "DiscountType": "PERCENT"}
    return taken


def _of_article(company: Company, article: Value, changes: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    quantity = Decimal(changes.get("DeliveredQuantity", "0"))
    taken = {
        "Description": article["Description"],
        "VAT": 0 if terms.vat_type in FREE_OF_VAT else tidy(Decimal(str(article["VAT"]))),
        "Unit": article["Unit"] or "",
    }
    if "Price" not in changes:
        taken["Price"] = prices.of_article(company, terms.price_list, article["ArticleNumber"], quantity)
    if terms.reduction != "none":
        taken |= {"HouseWork": article["Housework"], "HouseWorkType": article["HouseworkType"]}
    return taken


def _account(article: Value | None, vat_type: str, rate: Any) -> int:
    """The article's account for the customer's VAT type, else the company's: for Swedish VAT it has one per rate."""
    named: int = article[ARTICLE_ACCOUNTS[vat_type]] if article else 0
    by_rate = PREDEFINED_ACCOUNTS[vat_type]
    return named or by_rate.get(int(rate), by_rate[25])
