"""What each page shows and each form does. A page gets its company, the address's query and, of a POST, the form."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.responses import Response

from sandbox.fortnox.errors import Refusal
from sandbox.fortnox.store import Value
from sandbox.fortnox.values import decimal
from sandbox.pages.fortnox.buttons import BUTTONS, DONE
from sandbox.pages.fortnox.context import PageContext
from sandbox.pages.fortnox.forms import FormError, changes, lines, rows, shown_lines
from sandbox.pages.fortnox.inputs import TYPED, choices
from sandbox.pages.fortnox.lists import ListQuery, find
from sandbox.pages.fortnox.resources import ARTICLE, CUSTOMER, INVOICE, ORDER, Resource
from sandbox.pages.rendering import READING, REFRESH, back

LATEST = 8
BLANK_ROWS = 3
Fields = Mapping[str, str]


def listed(resource: Resource, context: PageContext, query: Fields, fields: Fields) -> Response:
    """A page of the register. It comes anew by itself unless it was searched, or stands still on demand."""
    asked = ListQuery.read(resource, query)
    found = find(context.company, resource, asked)
    here = partial(context.link, resource.page, **asked.to_query(), stilla=query.get("stilla", ""))
    at = here(sida=found.page if found.page > 1 else "")
    said = query.get("fel", ""), DONE.get(query.get("klart", ""), "")
    still = not asked.is_plain or "stilla" in query or "redigera" in query
    return context.render(
        f"fortnox_{resource.plural}.html",
        refresh="" if still else f"{READING};url={at}" if any(said) else REFRESH,
        resource=resource,
        asked=asked,
        found=found,
        here=here,
        at=at,
        still=still,
        editing=query.get("redigera", ""),
        wrong=said[0],
        notice=said[1],
    )


def shown(resource: Resource, context: PageContext, query: Fields, fields: Fields) -> Response:
    """One record. It stands still: whoever is on the way to a button is not thrown back."""
    number = query.get("nummer", "")
    record = context.record(resource.wrapper, resource.plural, number)
    template = "document" if resource.rows else resource.wrapper.lower()
    return context.render(
        f"fortnox_{template}.html",
        resource=resource,
        one=record,
        number=number,
        state=resource.state(context.company, record),
        at=context.link(resource.one, nummer=number),
        wrong=query.get("fel", ""),
        notice=DONE.get(query.get("klart", ""), ""),
        today=context.company.today().isoformat(),
        **_beside(resource, context, record),
    )


def _beside(resource: Resource, context: PageContext, record: Value) -> dict[str, Any]:
    """What a record's page shows of other registers."""
    company = context.company
    if resource is CUSTOMER:
        asked = ListQuery(customer=record["CustomerNumber"])
        return {name: find(company, kind, asked, LATEST) for name, kind in (("invoices", INVOICE), ("orders", ORDER))}
    if resource is INVOICE:
        paid = [one.value or {} for one in company["invoicepayments"].current()]
        return {"payments": [one for one in paid if str(one["InvoiceNumber"]) == record["DocumentNumber"]]}
    return {"payments": []}


def preview(resource: Resource, context: PageContext, query: Fields, fields: Fields) -> Response:
    """A document as it would be printed; nothing changes."""
    answer = context.ask("GET", resource.plural, query.get("nummer", ""), "preview")
    return Response(answer.pdf, media_type="application/pdf")


def new(resource: Resource, context: PageContext, query: Fields, fields: Fields) -> Response:
    """The form of a record that is not there yet, and what becomes of it."""
    return _form(resource, context, {"CustomerNumber": query.get("kund", "")} if resource.rows else {}, fields, None)


def edit(resource: Resource, context: PageContext, query: Fields, fields: Fields) -> Response:
    """The form of a record, and what becomes of it."""
    record = context.record(resource.wrapper, resource.plural, query.get("nummer", ""))
    return _form(resource, context, {one.name: one.written(record) for one in resource.inputs}, fields, record)


def _form(resource: Resource, context: PageContext, known: Fields, fields: Fields, record: Value | None) -> Response:
    wrong = ""
    if fields and "fler" not in fields:
        try:
            return _saved(resource, context, fields, record)
        except Refusal as refusal:
            wrong = refused(refusal)
        except FormError as error:
            wrong = str(error)
    return context.render(
        "fortnox_form.html",
        400 if wrong else 200,
        resource=resource,
        number=record[resource.key] if record else "",
        values={one.name: one.initial for one in resource.inputs} | dict(known) | dict(fields),
        rows=_lines(resource, fields, record),
        choices=choices(context.company),
        typed=TYPED,
        wrong=wrong,
    )


def _lines(resource: Resource, fields: Fields, record: Value | None) -> list[dict[str, str]]:
    """The rows of a form as it was shown, and some empty ones to fill in."""
    blank = {"RowId": "", "bort": "", **{one.name: one.initial for one in resource.row_inputs}}
    known = (
        lines(fields) if fields else shown_lines(resource.row_inputs, record[resource.rows] if record and resource.rows else [])
    )
    more = BLANK_ROWS if "fler" in fields or not fields else 0
    return [{**blank, **line} for line in known] + [blank] * more


def _saved(resource: Resource, context: PageContext, fields: Fields, record: Value | None) -> Response:
    """Sends what was filled in: POST of a new record, PUT of a change, none of nothing; an article's price goes its own
    way. Raises Refusal and FormError."""
    body = changes(resource.inputs, fields, record)
    if resource.rows:
        sent = rows(resource.row_inputs, fields, record[resource.rows] if record else [])
        body |= {} if sent is None else {resource.rows: sent}
    price = {"Price": body.pop("SalesPrice")} if resource is ARTICLE and "SalesPrice" in body else {}
    if price:
        # A price that would be refused must not leave an article without one.
        decimal("Price", price["Price"])
    number = record[resource.key] if record else ""
    if record is None:
        answer = context.ask("POST", resource.plural, body={resource.wrapper: body}).body or {}
        number = answer[resource.wrapper][resource.key]
    elif body:
        context.ask("PUT", resource.plural, number, body={resource.wrapper: body})
    if price:
        context.ask("PUT", "prices", "A", number, body={"Price": price})
    return context.go(resource.one, nummer=number, klart="sparad" if record else "skapad")


def clicked(one: str, name: str, context: PageContext, query: Fields, fields: Fields) -> Response:
    """A button: the call, then back to where it stood."""
    click, number = BUTTONS[one, name], fields.get("nummer", "")
    came_from = fields.get("tillbaka") or context.link(one, nummer=number)
    try:
        click.edit(context, number, fields)
    except Refusal as refusal:
        return back(came_from, refused(refusal))
    if click.removes:
        came_from = context.link("kunder" if one == CUSTOMER.one else "artiklar")
    return back(came_from, done=f"{one}.{name}")


def refused(refusal: Refusal) -> str:
    """A refusal in the API's own words."""
    return f"Fortnox sa nej: {refusal.message}"
