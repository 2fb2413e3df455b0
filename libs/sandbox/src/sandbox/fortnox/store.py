"""Records with the lag of a search index: a read by number is immediate, a list shows what was true a while ago."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sandbox.clock import Clock

STOCKHOLM = ZoneInfo("Europe/Stockholm")
Value = dict[str, Any]


class Changed(Protocol):
    """Who is told of every write."""

    def __call__(self, key: str, old: Value | None, new: Value | None, *, quiet: bool) -> None:
        """A record was made (`old` is None), changed or removed (`new` is None)."""


def _nobody(key: str, old: Value | None, new: Value | None, *, quiet: bool) -> None:
    pass


class Version(NamedTuple):
    """What a record was from `written` on; `value` None is deleted, `modified` is Stockholm's wall clock as text."""

    written: float
    value: Value | None
    modified: str


def wall(moment: datetime) -> str:
    """The moment on a clock in Stockholm, as `lastmodified` compares it: by the second and without a zone."""
    return moment.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")


def order(key: str) -> tuple[int, int, str]:
    """Numbers by value, then names by letter."""
    return (0, int(key), "") if key.isdecimal() else (1, 0, key)


class Register:
    """One kind of record of one company. Values are replaced, never changed in place. Numbers once used stay
    reserved, also when the record is deleted. `lag` is the search index's, `behind` how far the clock that `lastmodified`
    is taken from goes wrong; both in seconds of the real system."""

    def __init__(self, clock: Clock, lag: Callable[[], float], behind: Callable[[], float], changed: Changed = _nobody) -> None:
        self._clock = clock
        self._lag = lag
        self._behind = behind
        self._changed = changed
        self._versions: dict[str, list[Version]] = {}
        self._used: set[str] = set()
        self._last = 0

    def get(self, key: str) -> Value | None:
        """The record as it is now, or None."""
        versions = self._versions.get(key)
        return versions[-1].value if versions else None

    def save(self, key: str, value: Value, *, touch: bool = True, modified: str | None = None, quiet: bool = False) -> None:
        """Writes a record. Without `touch` its `lastmodified` stays what it was; `quiet` sends no event."""
        old = self.get(key)
        versions = self._versions.setdefault(key, [])
        if modified is None:
            modified = self._stamp() if touch or not versions else versions[-1].modified
        versions.append(Version(self._clock.monotonic(), value, modified))
        self._used.add(key)
        self._changed(key, old, value, quiet=quiet)

    def _stamp(self) -> str:
        return wall(self._clock.now() - timedelta(seconds=self._clock.seconds(self._behind())))

    def remove(self, key: str) -> None:
        """Deletes a record; its number stays reserved."""
        old = self.get(key)
        self._versions[key].append(Version(self._clock.monotonic(), None, ""))
        self._changed(key, old, None, quiet=False)

    def used(self, key: str) -> bool:
        """Whether the number is or was a record's."""
        return key in self._used

    def next_key(self) -> str:
        """Draws the next number of the series; a number drawn is never drawn again."""
        self._last += 1
        while str(self._last) in self._used:
            self._last += 1
        return str(self._last)

    def settle(self) -> None:
        """Makes every write visible in lists at once (after seeding or a restore)."""
        for key, versions in self._versions.items():
            last = versions[-1]
            self._versions[key] = [Version(float("-inf"), last.value, last.modified)]

    def age(self, modified: Callable[[], str]) -> None:
        """Gives every record another `lastmodified` (for seeding)."""
        for versions in self._versions.values():
            versions[-1] = versions[-1]._replace(modified=modified())

    def visible(self) -> Iterator[tuple[str, Value, str]]:
        """Number, record and `lastmodified` as lists show them now."""
        at = self._clock.monotonic() - self._clock.seconds(self._lag())
        for key, versions in self._versions.items():
            seen = _seen(versions, at)
            if seen is not None and seen.value is not None:
                yield key, seen.value, seen.modified

    def values(self) -> list[Value]:
        """Every record as it is now, in the order of their numbers."""
        found = [(key, versions[-1].value) for key, versions in self._versions.items()]
        return [value for key, value in sorted(found, key=lambda item: order(item[0])) if value is not None]

    def dump(self) -> dict[str, Any]:
        """All that a restore needs."""
        last = {key: versions[-1] for key, versions in self._versions.items()}
        return {
            "records": {key: version.value for key, version in last.items() if version.value is not None},
            "modified": {key: version.modified for key, version in last.items() if version.value is not None},
            "used": sorted(self._used, key=order),
            "last": self._last,
        }

    def load(self, data: dict[str, Any]) -> None:
        """Restores a dump."""
        self._versions = {key: [Version(float("-inf"), value, data["modified"][key])] for key, value in data["records"].items()}
        self._used, self._last = set(data["used"]), data["last"]


def _seen(versions: list[Version], at: float) -> Version | None:
    for index in range(len(versions) - 1, -1, -1):
        if versions[index].written <= at:
            del versions[:index]
            return versions[0]
    return None
