"""One request of a person: which database it is about, what was filled in, and how a click becomes a mutation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.limego.database import DEFAULT, Database
from sandbox.limego.execution import Documents, execute
from sandbox.limego.records import LOST, OPEN, PERSONAL, WON, Deal, Organization
from sandbox.limego.refusals import MissingError, RuleError
from sandbox.limego.world import LimeGo
from sandbox.pages.rendering import READING, REFRESH, back, form, render

DOCUMENTS = Documents()
STILL = "stilla"
DONE = {
    "skapat": "Skapat.",
    "sparat": "Sparat.",
}
"""What a page says after a click that went well, by the word in its address."""


@dataclass(frozen=True)
class PageContext:
    """`fields` is what was filled in, and empty when nothing was sent."""

    request: Request
    limego: LimeGo
    database: Database
    fields: dict[str, str]

    @property
    def is_sent(self) -> bool:
        """Whether a form was sent."""
        return self.request.method == "POST"

    @property
    def organization(self) -> Organization:
        """The company in the address; raises MissingError."""
        found = self.database.organizations.get(self.request.path_params["id"])
        if found is None:
            raise MissingError("Företaget finns inte. Sök upp det bland företagen i Lime Go.")
        return found

    @property
    def deal(self) -> Deal:
        """The deal in the address; raises MissingError."""
        found = self.database.deals.get(self.request.path_params["id"])
        if found is None:
            raise MissingError("Affären finns inte. Sök upp den bland affärerna i Lime Go.")
        return found

    def query(self, name: str) -> str:
        """A parameter of the address, "" when it is not there."""
        return self.request.query_params.get(name, "").strip()

    def ask(self, mutation: str, **variables: Any) -> Any:
        """What the API's mutation answers to the user's personal key; raises RuleError with the API's own words."""
        caller = self.limego.caller_of(self.database.name, PERSONAL)
        answer = execute(caller, DOCUMENTS.get(mutation), variables, None)
        if "errors" in answer:
            raise RuleError(f"Lime Go sa nej: {answer['errors'][0]['message']}")
        return next(iter(answer["data"].values()))

    def click(self, mutation: str, **variables: Any) -> Response:
        """Asks for the mutation, and leads back to the page with the button, which shows a refusal."""
        wrong = ""
        try:
            self.ask(mutation, **variables)
        except RuleError as error:
            wrong = str(error)
        return back(self.fields.get("tillbaka", "/limego/"), wrong)

    def link(self, path: str, **query: object) -> str:
        """An address in this database; what is empty is left out. Whoever has pages stand still goes on so."""
        asked = {"databas": self.database.name, **query, STILL: self.query(STILL)}
        return f"{path}?" + urlencode({name: one for name, one in asked.items() if one})

    def to(self, path: str, done: str) -> Response:
        """To a page that says what was done."""
        return RedirectResponse(self.link(path, klart=done), 303)

    def render_form(
        self, template: str, title: str, *, action: str, back: str, fields: dict[str, str], wrong: str, **values: Any
    ) -> Response:
        """A form with what has been filled in, over what stood in it. `back` is where whoever thinks better of it goes."""
        shown: dict[str, Any] = {
            "title": title,
            "action": action,
            "back": back,
            "fields": {**fields, **self.fields},
            "wrong": wrong,
        }
        return self.render(template, 422 if wrong else 200, here="", **shown, **values)

    def render(self, template: str, status: int = 200, *, here: str, is_live: bool = False, **values: Any) -> Response:
        """A page. A live one loads itself anew, until the person has it stand still: with a keyboard or a screen reader it
        could not be used otherwise (WCAG 2.2, 2.2.2)."""
        is_still, says = bool(self.query(STILL)), self.query("fel") or self.query("klart")
        common = {
            "system": "limego",
            "database": self.database,
            "databases": list(self.limego.databases),
            "link": self.link,
            "company_path": company_path,
            "here": here,
            "is_live": is_live,
            "is_still": is_still,
            "switch_still": here.removesuffix(f"&{STILL}=1") if is_still else f"{here}&{STILL}=1",
            "labels": {name: self.database.first_step(name).label for name in (OPEN, WON, LOST)},
            "refresh": "" if is_still or not is_live else f"{READING};url={here}" if says else REFRESH,
            "wrong": self.query("fel"),
            "notice": DONE.get(self.query("klart"), ""),
        }
        return render(template, status, **{**common, **values})


def company_path(one: Organization) -> str:
    """Where a company's page is."""
    return f"/limego/foretag/{quote(one.id, safe='')}"


Handler = Callable[[PageContext], Response]


def handled(limego: LimeGo, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler as a route takes it. What is not there is a page that says so."""

    async def answer(request: Request) -> Response:
        fields = await form(request) if request.method == "POST" else {}
        name = fields.get("databas") or request.query_params.get("databas", DEFAULT)
        if name not in limego.databases:
            return render(
                "page.html", 404, system="limego", wrong="Databasen finns inte. Välj Lime Go i menyn: där står de som finns."
            )
        try:
            return handler(PageContext(request, limego, limego.databases[name], fields))
        except MissingError as error:
            return render("page.html", 404, system="limego", wrong=str(error))

    return answer
