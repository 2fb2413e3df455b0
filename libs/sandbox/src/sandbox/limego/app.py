"""The HTTP face of the emulator: the routes and what each does."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import erp
from sandbox.limego.endpoint import Answer, Asked, Endpoint, Label, Work
from sandbox.limego.events import read_feed, subscribe, unsubscribe
from sandbox.limego.execution import Documents, execute, roots
from sandbox.limego.refusals import InputError, MissingError
from sandbox.limego.world import Caller, LimeGo

SUBSCRIPTION = "/v1/event/subscription"


class Api:
    """The routes over one world."""

    def __init__(self, limego: LimeGo, calls: CallLog) -> None:
        self.limego = limego
        self._calls = calls
        self._documents = Documents()

    def graphql(self, caller: Caller, asked: Asked) -> Answer:
        """Answers a query or a mutation."""
        body = asked.json()
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise InputError("the body is an object with a query")
        variables, operation = body.get("variables"), body.get("operationName")
        if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
            raise InputError("variables is an object and operationName a string")
        answer = execute(caller, self._documents.get(body["query"]), variables, operation)
        failed = not answer.get("data")
        return Answer(answer, self.limego.switches.graphql_error_status if failed else 200)

    def label_graphql(self, asked: Asked) -> Mapping[str, str]:
        """The outermost fields, the id that the variables name, and all their whole numbers and texts: ids of records."""
        try:
            body = asked.json()
            variables = body.get("variables") or {}
            named = {name: str(variables[name]) for name in ("id", "query") if variables.get(name)}
            numbers = ",".join(str(value) for value in variables.values() if type(value) is int)
            texts = ",".join(value for value in variables.values() if type(value) is str)
            told = {**({"numbers": numbers} if numbers else {}), **({"texts": texts} if texts else {})}
            return {"field": roots(self._documents.get(body["query"])), **named, **told}
        except (InputError, LookupError, AttributeError, TypeError):
            return {}

    def subscribe(self, caller: Caller, asked: Asked) -> Answer:
        """Makes a subscription."""
        made = subscribe(caller, asked.json()).id
        return Answer({"id": made} if self.limego.switches.subscription_answer == "object" else made)

    def unsubscribe(self, caller: Caller, asked: Asked) -> Answer:
        """Ends a subscription whose id stands in the path."""
        if self.limego.switches.unsubscribe_by == "query":
            raise MissingError("there is no such address: the id goes in the query string")
        unsubscribe(caller, asked.request.path_params["id"])
        return Answer()

    def unsubscribe_by_query(self, caller: Caller, asked: Asked) -> Answer:
        """Ends a subscription whose id stands in the query string."""
        subscription_id = asked.request.query_params.get("id")
        if self.limego.switches.unsubscribe_by == "path" or not subscription_id:
            raise InputError("the id is missing")
        unsubscribe(caller, subscription_id)
        return Answer()

    def feed(self, caller: Caller, asked: Asked) -> Answer:
        """Reads the feed."""
        peek = asked.request.query_params.get("peek", "false").lower()
        if peek not in ("true", "false"):
            raise InputError("peek is true or false")
        items = read_feed(caller, peek=peek == "true")
        return Answer({} if not items and self.limego.switches.drained_feed_lacks_items else {"items": items})

    def put_invoice(self, caller: Caller, asked: Asked) -> Answer:
        """Stores an invoice."""
        stored, new = erp.put_invoice(caller, asked.request.path_params["documentNumber"], asked.json())
        return Answer(stored, 201 if new else 200)

    def get_invoice(self, caller: Caller, asked: Asked) -> Answer:
        """Shows an invoice."""
        return Answer(erp.get_invoice(caller, asked.request.path_params["documentNumber"]))

    def list_invoices(self, caller: Caller, asked: Asked) -> Answer:
        """Shows a page of invoices."""
        organization_id = asked.request.query_params.get("organizationId")
        return Answer(erp.list_invoices(caller, asked.number("first", 20), asked.number("offset", 0), organization_id))

    def put_product(self, caller: Caller, asked: Asked) -> Answer:
        """Stores a product."""
        stored, new = erp.put_product(caller, asked.request.path_params["articleNumber"], asked.json())
        return Answer(stored, 201 if new else 200)

    def get_product(self, caller: Caller, asked: Asked) -> Answer:
        """Shows a product."""
        return Answer(erp.get_product(caller, asked.request.path_params["articleNumber"]))

    def list_products(self, caller: Caller, asked: Asked) -> Answer:
        """Shows a page of products."""
        return Answer(erp.list_products(caller, asked.number("first", 20), asked.number("offset", 0)))

    def routes(self) -> list[Route]:
        """All routes. A number in a path may hold a percent-encoded slash."""
        invoice, product = "/v1/erp/invoices/{documentNumber}", "/v1/erp/products/{articleNumber}"
        return [
            self._route("POST", "/v1/graphql", self.graphql, self.label_graphql),
            self._route("POST", SUBSCRIPTION, self.subscribe),
            self._route("DELETE", SUBSCRIPTION, self.unsubscribe_by_query),
            self._route("DELETE", f"{SUBSCRIPTION}/{{id}}", self.unsubscribe),
            self._route("GET", "/v1/event/feed/", self.feed),
            self._route("PUT", invoice, self.put_invoice),
            self._route("GET", invoice, self.get_invoice),
            self._route("GET", "/v1/erp/invoices", self.list_invoices),
            self._route("PUT", product, self.put_product),
            self._route("GET", product, self.get_product),
            self._route("GET", "/v1/erp/products", self.list_products),
        ]

    def _route(self, method: str, path: str, work: Work, label: Label | None = None) -> Route:
        endpoint = Endpoint(self.limego, self._calls, f"{method} {path}", work, label or _label_path)
        return Route(path.replace("Number}", "Number:path}"), endpoint, methods=[method])


def _label_path(asked: Asked) -> Mapping[str, str]:
    return {name: str(value) for name, value in asked.request.path_params.items()}


def build(clock: Clock, faults: Faults, calls: CallLog) -> tuple[Starlette, LimeGo]:
    """The emulator as an application to mount, and its state."""
    limego = LimeGo(clock, faults)
    app = Starlette(routes=Api(limego, calls).routes())
    app.router.redirect_slashes = False
    return app, limego
