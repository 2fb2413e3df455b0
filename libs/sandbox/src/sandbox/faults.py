"""Faults on demand: a declarative list, decided by a seed, and the ways an answer can go wrong."""

import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.clock import Clock

STATUS_KINDS = frozenset(f"status_{status}" for status in (302, 400, 401, 403, 408, 409, 421, 423, 425, 429, 499, 500, 503))
# A gateway's own page: it has done nothing, or passes the call on later.
REFUSE_KINDS = frozenset(f"refuse_{status}" for status in (400, 403, 404, 502))
EARLY_KINDS = frozenset(f"early_{status}" for status in (302, 403, 404, 408, 409, 499, 502))
ANSWER_KINDS = (
    frozenset({"lost_answer", "answer_502", "stall", "late_commit", "cut", "garbled", "throttled"}) | REFUSE_KINDS | EARLY_KINDS
)
WEBHOOK_KINDS = frozenset({"drop", "double", "reorder", "delay"})
# What comes in a good answer without notice; each of Fortnox's is a switch of the same name, too.
FORTNOX_SURPRISE_KINDS = frozenset({"hidden_numbers", "unknown_enum", "unknown_field"})
LIMEGO_SURPRISE_KINDS = frozenset({"hidden_right", "unknown_enum", "unknown_field"})
KINDS = STATUS_KINDS | ANSWER_KINDS | WEBHOOK_KINDS | FORTNOX_SURPRISE_KINDS | LIMEGO_SURPRISE_KINDS
ONLY_IN = {
    "hidden_numbers": "fortnox", "hidden_right": "limego", "throttled": "limego", "drop": "limego", "reorder": "limego",
    "delay": "limego",
}  # fmt: skip
SYSTEMS = frozenset({"fortnox", "limego", "*"})
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1></body>\r\n</html>\r\n"
# How GraphQL servers say 429 inside a 200; what Lime Go's does is not known.
THROTTLE = {"errors": [{"message": "Too many requests", "extensions": {"code": "THROTTLED"}}]}


class FaultError(ValueError):
    """A fault that nobody could carry out; the text says which part is wrong."""


@dataclass(frozen=True)
class Fault:
    """One rule. `operation` is a method and a route template ("POST /3/invoices") or "*"; `times` None means for
    ever; `skip` lets the first k matching calls pass; `delay` is in seconds of the emulators' clock; `code` is what
    Fortnox' 403 names (a scope's if None)."""

    system: str
    operation: str
    kind: str
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    connection: str | None = None
    delay: float = 30.0
    code: int | None = None

    @classmethod
    def read(cls, data: object) -> "Fault":
        """Reads one rule from JSON; raises FaultError."""
        if not isinstance(data, dict):
            raise FaultError("a fault is an object")
        unknown = set(data) - {field.name for field in fields(cls)}
        if unknown:
            raise FaultError(f"unknown fields in a fault: {', '.join(sorted(map(str, unknown)))}")
        try:
            fault = cls(**data)
        except TypeError as error:
            raise FaultError("a fault needs system, operation and kind") from error
        if fault.system not in SYSTEMS:
            raise FaultError(f"unknown system {fault.system!r}; one of {', '.join(sorted(SYSTEMS))}")
        if fault.kind not in KINDS:
            raise FaultError(f"unknown kind {fault.kind!r}; one of {', '.join(sorted(KINDS))}")
        _check(fault)
        if fault.system != ONLY_IN.get(fault.kind, fault.system):
            raise FaultError(f"{fault.kind} is a fault of {ONLY_IN[fault.kind]}")
        return fault


def _check(fault: Fault) -> None:
    """Raises FaultError for a value that would break the call it strikes."""
    number, whole, text = (int, float), (int,), (str,)
    takes = {
        "operation": text, "times": (*whole, None), "skip": whole, "probability": number, "connection": (*text, *whole, None),
        "delay": number, "code": (*whole, None),
    }  # fmt: skip
    for name, kinds in takes.items():
        value = getattr(fault, name)
        fits = None in kinds if value is None else type(value) in kinds
        if not fits or (isinstance(value, int | float) and not 0 <= value < math.inf):
            raise FaultError(f"{name} of a fault cannot be {value!r}: the README of the sandbox says what it takes")
    if fault.probability > 1:
        raise FaultError("probability is at most 1")


class _Rule:
    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.seen = 0
        self.taken = 0
        self._random = random.Random(seed)

    def matches(self, system: str, operation: str, labels: dict[str, str]) -> bool:
        fault = self.fault
        return (
            fault.system in ("*", system)
            and fault.operation in ("*", operation)
            and (fault.connection is None or str(fault.connection) in labels.values())
        )

    def fires(self) -> bool:
        """Counts one matching call and says whether the fault strikes it."""
        fault = self.fault
        if fault.times is not None and self.taken >= fault.times:
            return False
        self.seen += 1
        if self.seen <= fault.skip:
            return False
        if fault.probability < 1.0 and self._random.random() >= fault.probability:
            return False
        self.taken += 1
        return True


class Faults:
    """The rules in force. The first rule that strikes wins; each rule draws from its own seeded stream, so one
    rule's luck does not depend on the others."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self._rules: list[_Rule] = []
        self._made = 0

    def add(self, *faults: Fault) -> None:
        """Adds rules after those in force."""
        for fault in faults:
            self._rules.append(_Rule(fault, f"{self.seed}:{self._made}"))
            self._made += 1

    def replace(self, faults: list[Fault], seed: int | None = None) -> None:
        """Puts a new list in force, from the start of the seed's streams."""
        self.seed = self.seed if seed is None else seed
        self._rules, self._made = [], 0
        self.add(*faults)

    def clear(self) -> None:
        """Removes every rule."""
        self.replace([])

    def take(self, system: str, operation: str, *, kinds: frozenset[str] | None = None, **labels: str) -> Fault | None:
        """The fault that strikes this call, if one does. `labels` are what `connection` may name (tenant, client,
        key); `kinds` keeps webhook rules from being spent on calls and the other way round."""
        for rule in self._rules:
            if kinds is not None and rule.fault.kind not in kinds:
                continue
            if rule.matches(system, operation, labels) and rule.fires():
                return rule.fault
        return None

    def state(self) -> dict[str, Any]:
        """The rules with how often each was met and struck."""
        rules = [{**asdict(rule.fault), "seen": rule.seen, "taken": rule.taken} for rule in self._rules]
        return {"seed": self.seed, "faults": rules}


CALL_KINDS = STATUS_KINDS | ANSWER_KINDS


async def cut(scope: Scope, receive: Receive) -> None:
    """Closes the TCP connection without an answer. `sandbox.app` puts the transport's abort in the scope; the
    wait for the disconnect keeps uvicorn from answering 500 in our place."""
    scope["sandbox.cut"]()
    while (await receive())["type"] != "http.disconnect":
        pass


async def respond(
    fault: Fault | None,
    clock: Clock,
    commit: Callable[[], Awaitable[Response]],
    refuse: Callable[[int], Response],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> int:
    """Runs one call under a fault (or none) and gives the status for the log; 0 is a cut connection. `commit` does
    the work; `refuse` makes the system's own body for a status without doing it. Uvicorn lets a call run on when
    its client has gone, so a late commit happens all the same."""
    kind = fault.kind if fault else ""
    if fault and kind == "cut":
        await cut(scope, receive)
        return 0
    if fault and kind == "late_commit":
        await clock.sleep(fault.delay)
    if fault and kind in EARLY_KINDS:
        early = gateway_page(int(kind.removeprefix("early_")))
        await early(scope, receive, send)
        await clock.sleep(fault.delay)
        await commit()
        return early.status_code
    response = await _answer(kind, commit, refuse)
    if fault and kind == "stall":
        await clock.sleep(fault.delay)
    if kind == "lost_answer":
        await cut(scope, receive)
        return 0
    await response(scope, receive, send)
    return response.status_code


async def _answer(kind: str, commit: Callable[[], Awaitable[Response]], refuse: Callable[[int], Response]) -> Response:
    if kind in STATUS_KINDS:
        return refuse(int(kind.removeprefix("status_")))
    if kind in REFUSE_KINDS:
        return gateway_page(int(kind.removeprefix("refuse_")))
    if kind == "throttled":
        return JSONResponse(THROTTLE)
    response = await commit()
    if kind == "garbled":
        response.headers["Content-Encoding"] = "gzip"
    return gateway_page(502) if kind == "answer_502" else response


def gateway_page(status: int) -> Response:
    """What a gateway says by itself. A redirect leads to its page for browsers."""
    known = {member.value: member.phrase for member in HTTPStatus}
    title = f"{status} {known.get(status, 'Client Closed Request')}"
    headers = {"Location": "/maintenance"} if 300 <= status < 400 else None
    return HTMLResponse(PAGE.format(title), status, headers)


def plain_refusal(status: int) -> Response:
    """A body for a refused call where a system documents none."""
    return JSONResponse({"message": "refused"}, status_code=status)
