"""Faults on demand: a declarative list, decided by a seed, and the ways an answer can go wrong."""

import math
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass, fields
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.odd_answers import ODD, distort

# Every status but those of success: "status_409" does nothing and answers in the system's own words, "refuse_409" does
# nothing and answers a gateway's page, "answer_409" commits first, "early_409" answers first and commits later.
STATUSES = range(300, 600)
STATUS_KINDS = frozenset(f"status_{status}" for status in STATUSES)
REFUSE_KINDS = frozenset(f"refuse_{status}" for status in STATUSES)
EARLY_KINDS = frozenset(f"early_{status}" for status in STATUSES)
HIDING_KINDS = frozenset(f"answer_{status}" for status in STATUSES)
DATE_KINDS = frozenset({"date_doubled", "date_missing", "date_garbled"})
SPOILED_KINDS = DATE_KINDS | {"garbled", "no_json"} | frozenset(ODD)
LOST_KINDS = frozenset({"lost_answer", "stall", "late_commit", "cut", "throttled"})
ANSWER_KINDS = LOST_KINDS | REFUSE_KINDS | EARLY_KINDS | HIDING_KINDS | SPOILED_KINDS
WEBHOOK_KINDS = frozenset({"drop", "double", "reorder", "delay"})
# What comes in a good answer without notice; each of Fortnox's is a switch of the same name, too.
FORTNOX_SURPRISE_KINDS = frozenset({"hidden_numbers", "unknown_enum", "unknown_field"})
LIMEGO_SURPRISE_KINDS = frozenset({"hidden_right", "unknown_enum", "unknown_field"})
KINDS = STATUS_KINDS | ANSWER_KINDS | WEBHOOK_KINDS | FORTNOX_SURPRISE_KINDS | LIMEGO_SURPRISE_KINDS
ONLY_IN = {
    "hidden_numbers": "fortnox", "uncounted": "fortnox", "miscounted": "fortnox", "odd_life": "fortnox",
    "hidden_right": "limego", "throttled": "limego", "drop": "limego", "reorder": "limego", "delay": "limego",
}  # fmt: skip
SYSTEMS = frozenset({"fortnox", "limego", "*"})
BODIES = frozenset({"none", "html", "json", "error"})
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1></body>\r\n</html>\r\n"
PHRASES = {member.value: member.phrase for member in HTTPStatus}
# How GraphQL servers say 429 inside a 200; what Lime Go's does is not known.
THROTTLE = {"errors": [{"message": "Too many requests", "extensions": {"code": "THROTTLED"}}]}


class FaultError(ValueError):
    """A fault that nobody could carry out; the text says which part is wrong."""


@dataclass(frozen=True)
class Fault:
    """One rule. `operation` is a method and a route template ("POST /3/invoices") or "*"; `times` None means for
    ever; `skip` lets the first k matching calls pass; `delay` is in seconds of the emulators' clock; `code` is what
    Fortnox' 403 names (a scope's if None); `body` is the form of an answer that is a status: none, html, json (a
    stranger's), error (Fortnox' ErrorInformation), or as the kind has it if None; `retry_after` is its header's text;
    `record` is what the path names in Fortnox ("7" in /3/invoices/7) and a query's variables in Lime Go (the id of a
    company), any if None."""

    system: str
    operation: str
    kind: str
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    connection: str | None = None
    delay: float = 30.0
    code: int | None = None
    body: str | None = None
    retry_after: str | None = None
    record: str | None = None

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
        "delay": number, "code": (*whole, None), "body": (*text, None), "retry_after": (*text, None), "record": (*text, None),
    }  # fmt: skip
    for name, kinds in takes.items():
        value = getattr(fault, name)
        fits = None in kinds if value is None else type(value) in kinds
        if not fits or (isinstance(value, int | float) and not 0 <= value < math.inf):
            raise FaultError(f"{name} of a fault cannot be {value!r}: the README of the sandbox says what it takes")
    if fault.body is not None and fault.body not in BODIES:
        raise FaultError(f"body is one of {', '.join(sorted(BODIES))}")
    if not (fault.retry_after or "").isprintable() or not (fault.retry_after or "").isascii():
        raise FaultError("retry_after is printable ASCII: it becomes a header")
    if fault.probability > 1:
        raise FaultError("probability is at most 1")


class _Rule:
    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.seen = 0
        self.taken = 0
        self._random = random.Random(seed)

    def matches(self, system: str, operation: str, records: Collection[str], labels: dict[str, str]) -> bool:
        fault = self.fault
        return (
            fault.system in ("*", system)
            and fault.operation in ("*", operation)
            and (fault.connection is None or str(fault.connection) in labels.values())
            and (fault.record is None or fault.record in records)
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

    def take(
        self, system: str, operation: str, *, kinds: frozenset[str] | None = None, records: Collection[str] = (), **labels: str
    ) -> Fault | None:
        """The fault that strikes this call, if one does. `labels` are what `connection` may name (tenant, client,
        key), `records` are those of the call; `kinds` keeps webhook rules from being spent on calls and the other way round."""
        for rule in self._rules:
            if kinds is not None and rule.fault.kind not in kinds:
                continue
            if rule.matches(system, operation, records, labels) and rule.fires():
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
        early = _status_answer(fault, refuse)
        await early(scope, receive, send)
        await clock.sleep(fault.delay)
        await commit()
        return early.status_code
    response = await _answer(fault, commit, refuse)
    if fault and kind == "stall":
        await clock.sleep(fault.delay)
    if kind == "lost_answer":
        await cut(scope, receive)
        return 0
    if kind in DATE_KINDS:
        # `sandbox.app` writes the header, after everything else.
        scope.setdefault("sandbox.date", []).append(kind)
    await response(scope, receive, send)
    return response.status_code


async def _answer(fault: Fault | None, commit: Callable[[], Awaitable[Response]], refuse: Callable[[int], Response]) -> Response:
    kind = fault.kind if fault else ""
    if kind == "throttled":
        return JSONResponse(THROTTLE)
    if fault and kind in STATUS_KINDS | REFUSE_KINDS:
        return _status_answer(fault, refuse)
    response = distort(kind, await commit())
    if fault and kind in HIDING_KINDS:
        return _status_answer(fault, refuse)
    if kind == "garbled":
        response.headers["Content-Encoding"] = "gzip"
    if kind == "no_json":
        return Response(bytes(response.body)[:-1] + b"\xff", response.status_code, media_type="application/json")
    return response


def _status_answer(fault: Fault, refuse: Callable[[int], Response]) -> Response:
    """The answer of a kind that ends in a status, with the fault's body and `Retry-After`."""
    status = int(fault.kind.rpartition("_")[2])
    title = f"{status} {PHRASES.get(status, 'Client Closed Request')}"
    form = fault.body or ("" if fault.kind in STATUS_KINDS else "html")
    answers: dict[str, Callable[[], Response]] = {
        "": lambda: refuse(status),
        "none": lambda: Response(status_code=status),
        "html": lambda: HTMLResponse(PAGE.format(title), status),
        "json": lambda: JSONResponse({"status": status, "title": title}, status),
        "error": lambda: JSONResponse(
            {"ErrorInformation": {"error": 1, "message": title, "code": fault.code or 2000588}}, status
        ),
    }
    # A 304 has no body, whatever was asked for.
    response = answers["none" if status == HTTPStatus.NOT_MODIFIED else form]()
    if status < 400:
        # A redirect leads to a gateway's page for browsers.
        response.headers["Location"] = "/maintenance"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response


def plain_refusal(status: int) -> Response:
    """A body for a refused call where a system documents none."""
    return JSONResponse({"message": "refused"}, status_code=status)
