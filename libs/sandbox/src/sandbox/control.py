"""The control API: what a test may do to the whole sandbox from outside."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

from sandbox import operations
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.control_route import ControlError, asked, asked_any, number, route, whole
from sandbox.faults import Fault, Faults
from sandbox.fortnox import seed as fortnox_seed
from sandbox.fortnox.control import control_routes as fortnox_routes
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.world import Fortnox
from sandbox.limego import seed as limego_seed
from sandbox.limego.control import control_routes as limego_routes
from sandbox.limego.world import LimeGo
from sandbox.seed import companies


class Control:
    """The routes under `/control`. Nothing here is logged, limited or struck by faults."""

    def __init__(self, clock: Clock, faults: Faults, calls: CallLog, fortnox: Fortnox, limego: LimeGo) -> None:
        self._clock = clock
        self._faults = faults
        self._calls = calls
        self._fortnox = fortnox
        self._limego = limego

    def mount(self) -> Mount:
        """The routes."""
        routes = [
            route("/state", self.show, "GET"),
            route("/state", self.restore, "PUT"),
            route("/reset", self.reset, "POST"),
            route("/seed", self.seed, "POST"),
            route("/faults", self.faults, "GET", "POST", "PUT", "DELETE"),
            route("/calls", self.calls, "GET", "DELETE"),
            route("/clock", self.clock, "GET", "POST"),
            route("/switches", self.switches, "GET", "PUT"),
            route("/switches/kind", self.kind, "GET"),
            Mount("/fortnox", routes=fortnox_routes(self._fortnox)),
            Mount("/limego", routes=limego_routes(self._limego)),
        ]
        return Mount("/control", routes=routes)

    async def show(self, request: Request) -> Response:
        """GET /control/state"""
        clock = {"now": self._clock.now().isoformat(), "offset": self._clock.offset, "scale": self._clock.scale}
        return JSONResponse({"clock": clock, "fortnox": self._fortnox.state(), "limego": self._limego.state()})

    async def restore(self, request: Request) -> Response:
        """PUT /control/state; a part that is left out is left alone."""
        body = await asked(request)
        for name, part in (("fortnox", self._fortnox), ("limego", self._limego)):
            if name in body:
                try:
                    part.load(body[name])
                except (KeyError, TypeError) as error:
                    raise ControlError(f"the state of {name} cannot be read: {error!r}") from error
        return JSONResponse({"restored": [name for name in ("fortnox", "limego") if name in body]})

    async def reset(self, request: Request) -> Response:
        """POST /control/reset"""
        self._faults.clear()
        self._calls.clear()
        self._fortnox.reset()
        self._limego.reset()
        return JSONResponse({"reset": True})

    async def seed(self, request: Request) -> Response:
        """POST /control/seed {"seed": 1, "companies": 300, "in_fortnox": 0.4}"""
        body = await asked(request)
        seed, count = whole(body, "seed", 1), whole(body, "companies", 300)
        made = companies(count, seed, number(body, "in_fortnox", 0.4))
        company = fortnox_seed.seed(self._fortnox, made, seed)
        limego_seed.seed(self._limego, made, seed)
        access = {"tenant": company.tenant, "client_id": fortnox_seed.CLIENT, "client_secret": fortnox_seed.SECRET}
        counts = {kind: len(register.values()) for kind, register in company.registers.items()}
        databases = {name: self._limego.create_database(name) for name in self._limego.databases}
        return JSONResponse({"companies": count, "fortnox": {**access, **counts}, "limego": {"databases": databases}}, 201)

    async def faults(self, request: Request) -> Response:
        """GET; POST adds one fault or a list, PUT {"seed", "faults"} replaces all, DELETE removes all."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method in ("POST", "PUT"):
            await self._set_faults(request)
        return JSONResponse(self._faults.state())

    async def _set_faults(self, request: Request) -> None:
        body = await asked_any(request)
        listed = body["faults"] if isinstance(body, dict) and "faults" in body else body
        faults = [operations.check(Fault.read(one)) for one in (listed if isinstance(listed, list) else [listed])]
        if request.method == "PUT":
            self._faults.replace(faults, body.get("seed") if isinstance(body, dict) else None)
        else:
            self._faults.add(*faults)

    async def calls(self, request: Request) -> Response:
        """GET ?count=1 for counts, else the calls whose attributes or business fields match; DELETE forgets all."""
        if request.method == "DELETE":
            self._calls.clear()
            return JSONResponse({"cleared": True})
        wanted = dict(request.query_params)
        if wanted.pop("count", ""):
            return JSONResponse({"counts": self._calls.counts()})
        return JSONResponse({"calls": [call.to_json() for call in self._calls.calls(**wanted)]})

    async def clock(self, request: Request) -> Response:
        """GET; POST {"advance": seconds}"""
        if request.method == "POST":
            self._clock.advance(number(await asked(request), "advance", 0))
        return JSONResponse({"now": self._clock.now().isoformat(), "offset": self._clock.offset, "scale": self._clock.scale})

    async def switches(self, request: Request) -> Response:
        """GET and PUT of Fortnox's switches; Lime Go's are at /control/limego/switches."""
        if request.method == "PUT":
            self._fortnox.switches = self._fortnox.switches.changed(await asked(request))
        return JSONResponse(self._fortnox.switches.to_json())

    async def kind(self, request: Request) -> Response:
        """GET the set of Fortnox's switches that is easiest for a client; Lime Go's is at /control/limego/switches/kind."""
        return JSONResponse(Switches.kind().to_json())
