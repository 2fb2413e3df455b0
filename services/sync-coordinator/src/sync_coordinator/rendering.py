"""How pages are made: templates, words, moments in Stockholm, amounts; and the way back after a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sync_coordinator import texts

HERE = Path(__file__).parent
STOCKHOLM = ZoneInfo("Europe/Stockholm")
COUNTS = ("number", "left")
"""Numbers that a notice may name; they travel in the address."""


class Templates:
    """The templates, with what all of them use."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, name: str, language: str, **values: Any) -> Response:
        """A page in `sv` or `en`."""
        html = self._environment.get_template(name).render(
            language=language,
            word=lambda table, code: texts.word(getattr(texts, table), code, language),
            counted=lambda number, what: texts.counted(number, what, language),
            money=lambda value, currency: texts.money(value, currency, language),
            local=lambda moment: moment.astimezone(STOCKHOLM),
            moment=stockholm,
            **values,
        )
        return HTMLResponse(html)


def language_of(request: Request) -> str:
    """The language that a reader asks for, or that their browser prefers."""
    return texts.language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def stockholm(moment: datetime, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment by the clock in Stockholm."""
    return moment.astimezone(STOCKHOLM).strftime(form)


def notice_of(query: Mapping[str, str], language: str) -> tuple[str, bool]:
    """What an address has to tell, and whether it is of something done; an unknown notice is not shown."""
    code = query.get("notice", "")
    if code not in texts.NOTICES:
        return "", False
    numbers = {name: int(query[name]) if query.get(name, "").isdecimal() else 0 for name in COUNTS}
    counted = partial(texts.counted, language=language)
    values = {name: counted(number, "invoice") for name, number in numbers.items()}
    records = {f"{name}_records": counted(number, "record") for name, number in numbers.items()}
    return texts.word(texts.NOTICES, code, language).format(**values, **records), code in texts.DONE


def back(form: FormData, notice: str, **counts: int) -> Response:
    """Back to the page that the form was on; only the query is taken from the form, so it leads nowhere else."""
    query = {name: str(form[name]) for name in ("lang", "state", "connection_id", "page") if form.get(name)}
    return RedirectResponse("/?" + urlencode({**query, "notice": notice, **counts}), 303)
