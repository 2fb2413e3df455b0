"""The log of every call an emulator answered: who called what, and which business record it named."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LIMIT = 200_000


@dataclass(frozen=True)
class Call:
    """One call. `credential` is tenant or key, `route` the template, `status` 0 for a cut connection, `fields` the
    business values that tests look for (a reference, a number)."""

    system: str
    credential: str
    method: str
    route: str
    status: int
    started: datetime
    ended: datetime
    fields: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The call as control shows it."""
        return {
            "system": self.system,
            "credential": self.credential,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "fields": dict(self.fields),
        }


class CallLog:
    """The last 200 000 calls, and counts of all since the last clear."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)
        self._counts: Counter[tuple[str, str, str, int]] = Counter()

    def record(
        self,
        system: str,
        credential: str,
        method: str,
        route: str,
        status: int,
        fields: Mapping[str, str],
        started: datetime,
        ended: datetime,
    ) -> None:
        """Notes one call when its answer has gone (or the connection was cut)."""
        self._calls.append(Call(system, credential, method, route, status, started, ended, fields))
        self._counts[system, method, route, status] += 1

    def calls(self, **wanted: str) -> list[Call]:
        """The calls whose named attributes or business fields equal the wanted ones, oldest first."""
        return [call for call in self._calls if all(_value(call, name) == value for name, value in wanted.items())]

    def counts(self) -> list[dict[str, Any]]:
        """How many calls per system, method, route and status."""
        return [
            {"system": system, "method": method, "route": route, "status": status, "count": count}
            for (system, method, route, status), count in sorted(self._counts.items())
        ]

    def clear(self) -> None:
        """Forgets all calls and counts."""
        self._calls.clear()
        self._counts.clear()


def _value(call: Call, name: str) -> str | None:
    if name in call.fields:
        return str(call.fields[name])
    return str(getattr(call, name)) if hasattr(call, name) else None
