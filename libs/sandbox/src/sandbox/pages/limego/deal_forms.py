"""The forms and buttons for deals. Each sends the mutation that a client would send, with what was filled in."""

from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from sandbox.limego.records import Organization
from sandbox.limego.refusals import RuleError
from sandbox.pages.limego.context import PageContext, company_path
from sandbox.pages.limego.reading import find_companies
from sandbox.pages.rendering import SPACE

CREATE = """mutation ($name: String!, $value: Decimal, $company: String, $contact: String, $fields: [CustomFieldInput!]) {
  createDeal(name: $name, value: $value, organizationId: $company, customerContactId: $contact, customFields: $fields) { id } }"""
UPDATE = """mutation ($id: Int!, $name: String, $value: Decimal, $company: String, $responsible: Int) {
  updateDeal(id: $id, name: $name, value: $value, organizationId: $company, responsibleCoworkerId: $responsible) { id } }"""
MOVE = "mutation ($id: Int!, $status: String!) { updateDeal(id: $id, status: $status) { id } }"
CHOICES = 20


class ManyFoundError(Exception):
    """The name that was filled in is not one company's alone."""

    def __init__(self, found: list[Organization]) -> None:
        super().__init__("Flera företag passar. Välj ett av dem.")
        self.found = found


def create(context: PageContext) -> Response:
    """A new deal, in the first step; of a company if `foretag` in the address names one."""
    of = context.database.organizations.get(context.query("foretag") or context.fields.get("foretag_id", ""))
    titles = [field.title for field in context.database.custom_fields["deal"]]
    wrong, choices = "", list[Organization]()
    if context.is_sent:
        try:
            asked = {**_filled_in(context), "contact": context.fields.get("kontakt") or None, "fields": _custom(context, titles)}
            made = context.ask(CREATE, **{"name": "", **asked})
            return context.to(f"/limego/affar/{made['id']}", "skapat")
        except ManyFoundError as many:
            wrong, choices = str(many), many.found
        except RuleError as error:
            wrong = str(error)
    first = {"namn": "", "varde": "", "kontakt": "", "foretag": of.name if of else "", "foretag_id": of.id if of else ""}
    return context.render_form(
        "limego_deal_form.html",
        "Ny affär",
        action="/limego/affar/ny",
        back=company_path(of) if of else "/limego/",
        fields=first,
        wrong=wrong,
        choices=choices,
        contacts=[context.database.persons[one] for one in context.database.persons_of.get(of.id, [])] if of else [],
        titles=titles,
        coworkers=[],
    )


def edit(context: PageContext) -> Response:
    """A deal's name, value, company and responsible user."""
    one, wrong, choices = context.deal, "", list[Organization]()
    if context.is_sent:
        try:
            context.ask(UPDATE, id=one.id, **_filled_in(context))
            return context.to(f"/limego/affar/{one.id}", "sparat")
        except ManyFoundError as many:
            wrong, choices = str(many), many.found
        except RuleError as error:
            wrong = str(error)
    company = context.database.organizations.get(one.organization or "")
    fields = {
        "namn": one.name,
        "varde": _written(one.value),
        "foretag": company.name if company else "",
        "foretag_id": company.id if company else "",
        "ansvarig": str(one.responsible or ""),
    }
    return context.render_form(
        "limego_deal_form.html",
        f"Ändra {one.name}",
        action=f"/limego/affar/{one.id}/redigera",
        back=f"/limego/affar/{one.id}",
        fields=fields,
        wrong=wrong,
        choices=choices,
        contacts=[],
        titles=[],
        coworkers=list(context.database.coworkers.values()),
    )


def move(context: PageContext) -> Response:
    """Vinn, Förlora, Öppna igen, or to any other step."""
    return context.click(MOVE, id=context.deal.id, status=context.fields.get("till"))


def _filled_in(context: PageContext) -> dict[str, Any]:
    """The mutation's variables. What the form did not have is left out, so it stays; what was emptied becomes null."""
    fields, asked = context.fields, dict[str, Any]()
    if "namn" in fields:
        asked["name"] = fields["namn"].strip()
    if "varde" in fields:
        asked["value"] = _value(fields["varde"])
    if "foretag" in fields:
        asked["company"] = _company(context)
    if "ansvarig" in fields:
        asked["responsible"] = int(fields["ansvarig"]) if fields["ansvarig"].isdecimal() else None
    return asked


def _value(text: str) -> Decimal | None:
    """A number as people write it, "48 000,50"."""
    plain = text.replace(SPACE, "").replace(" ", "").replace(",", ".")
    if not plain:
        return None
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise RuleError("Värdet är inte ett tal. Skriv till exempel 48 000 eller 1 250,50.") from error


def _written(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",")


def _company(context: PageContext) -> str | None:
    """The id of the company that was chosen, or named by its name, number or id."""
    fields, known = context.fields, context.database.organizations
    text, shown = fields["foretag"].strip(), known.get(fields.get("foretag_id", ""))
    if fields.get("valt"):
        return fields["valt"]
    if not text:
        return None
    if shown and text == shown.name:
        return shown.id
    if text in known:
        return text
    found = find_companies(context.database, text)
    exact = [one for one in found if text in (one.name, one.organization_number)] or found
    if not exact:
        raise RuleError(f"Inget företag heter ”{text}”. Lämna fältet tomt för en affär utan företag.")
    if len(exact) > 1:
        raise ManyFoundError(exact[:CHOICES])
    return exact[0].id


def _custom(context: PageContext, titles: list[str]) -> list[dict[str, str]]:
    given = {title: context.fields.get(f"falt:{title}", "").strip() for title in titles}
    return [{"title": title, "value": value} for title, value in given.items() if value]
