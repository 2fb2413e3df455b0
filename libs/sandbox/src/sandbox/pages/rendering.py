"""Templates and the Swedish ways to write things."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.limego.records import Address

RELATIONS = {
    "NO_RELATION": "ingen relation",
    "WORKING_ON_IT": "bearbetas",
    "IS_A_CUSTOMER": "är kund",
    "WAS_A_CUSTOMER": "har varit kund",
    "BEEN_IN_TOUCH": "har haft kontakt",
}
PAYMENTS = {
    "paid": "betald",
    "due": "obetald",
    "overdue": "förfallen",
    "cancelled": "makulerad",
    "credited": "krediterad",
    "draft": "utkast",
    "partly_paid": "delbetald",
    "partly_credited": "delkrediterad",
    "written_off": "avskriven",
    "moved": "flyttad till en annan kund",
}
COLOURS = {"paid": "green", "due": "yellow", "partly_paid": "yellow", "partly_credited": "yellow", "overdue": "red"}
STOCKHOLM = ZoneInfo("Europe/Stockholm")
SPACE = "\N{NO-BREAK SPACE}"
REFRESH, READING = "3", "8"
"""Seconds until a live page loads itself anew, and until it does when it has something to say."""


def kronor(value: object) -> str:
    """An amount, "207 500 kr"; öre only if there are any; "" for none."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    text = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{text.replace(',', SPACE).replace('.', ',')}{SPACE}kr"


def amount(value: object) -> str:
    """A sum with two decimals, "1 250,00"; what is no number is shown as it is."""
    try:
        text = f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return "" if value is None else str(value)
    return text.replace(",", SPACE).replace(".", ",")


def local(moment: str) -> str:
    """An ISO 8601 moment on the Stockholm clock, "2026-03-01 14:05:09"."""
    return datetime.fromisoformat(moment).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")


def address(found: Address | None) -> str:
    """An address on one line."""
    if found is None:
        return ""
    place = " ".join(filter(None, (found.zip_code, found.city)))
    return ", ".join(filter(None, (found.street, place)))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        kronor=kronor,
        address=address,
        amount=amount,
        local=local,
        relation=lambda value: RELATIONS.get(value, value),
        payment=lambda value: PAYMENTS.get(value, value),
        colour=lambda value: COLOURS.get(value, ""),
    )
    return made


ENVIRONMENT = _environment()
DEFAULTS = {"refresh": "", "system": "", "wrong": "", "notice": ""}


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page. `refresh` is the content of its refresh tag, "" for none."""
    page = ENVIRONMENT.get_template(template).render({**DEFAULTS, **values})
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def back(address: str, wrong: str = "", done: str = "") -> Response:
    """To the page that the click came from, with what went wrong or the word for what went well. Only a path of ours is
    followed."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return RedirectResponse("/", 303)
    query = {name: found[-1] for name, found in parse_qs(parts.query).items() if name not in ("fel", "klart")}
    query |= {name: text for name, text in (("fel", wrong), ("klart", done)) if text}
    return RedirectResponse(f"{parts.path}?{urlencode(query)}", 303)


async def form(request: Request) -> dict[str, str]:
    """The form's fields."""
    async with request.form() as found:
        return {name: value for name, value in found.items() if isinstance(value, str)}
