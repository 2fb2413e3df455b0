"""Records with the lag of a search index: a read by number is immediate, a list shows what was true a while ago."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sandbox.clock import Clock

STOCKHOLM = ZoneInfo("Europe/Stockholm")
Value = dict[str, Any]
LONG_AGO = float("-inf")


class Changed(Protocol):
    """Who is told of every write."""

    def __call__(self, key: str, old: Value | None, new: Value | None, *, quiet: bool) -> None:
        """A record was made (`old` is None), changed or removed (`new` is None)."""


def _nobody(key: str, old: Value | None, new: Value | None, *, quiet: bool) -> None:
    pass


class Version(NamedTuple):
    """What a record was from `written` on; `modified` is Stockholm's wall clock as text. The names are one tuple for all records
    of a kind: a dict for each of 200 000 invoices would take three times the memory."""

    key: str
    written: float
    modified: str
    names: tuple[str, ...] | None
    values: tuple[Any, ...]

    @property
    def value(self) -> Value | None:
        """The record; None when it is deleted."""
        return None if self.names is None else dict(zip(self.names, self.values, strict=True))


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
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        # What lists show, once every write has settled; None after a write. A list of 200 000 is not sorted at every call.
        self._shown: list[Version] | None = None
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
        versions.append(self._version(key, self._clock.monotonic(), modified, value))
        self._shown = None
        self._used.add(key)
        self._changed(key, old, value, quiet=quiet)

    def _version(self, key: str, written: float, modified: str, value: Value) -> Version:
        names = tuple(value)
        return Version(key, written, modified, self._names.setdefault(names, names), tuple(value.values()))

    def _stamp(self) -> str:
        return wall(self._clock.now() - timedelta(seconds=self._clock.seconds(self._behind())))

    def remove(self, key: str) -> None:
        """Deletes a record; its number stays reserved."""
        old = self.get(key)
        self._versions[key].append(Version(key, self._clock.monotonic(), "", None, ()))
        self._shown = None
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
        for versions in self._versions.values():
            versions[:] = [versions[-1]._replace(written=LONG_AGO)]
        self._shown = None

    def age(self, modified: Callable[[], str]) -> None:
        """Gives every record another `lastmodified` (for seeding)."""
        for versions in self._versions.values():
            versions[-1] = versions[-1]._replace(modified=modified())
        self._shown = None

    def visible(self) -> Sequence[Version]:
        """The records as lists show them now, in the order of their numbers."""
        if self._shown is not None:
            return self._shown
        at = self._clock.monotonic() - self._clock.seconds(self._lag())
        seen = (_seen(versions, at) for versions in self._versions.values())
        found = sorted((one for one in seen if one is not None and one.names is not None), key=lambda one: order(one.key))
        if all(versions[-1].written <= at for versions in self._versions.values()):
            self._shown = found
        return found

    def current(self) -> Sequence[Version]:
        """The records as they are now, in the order of their numbers."""
        if self._shown is not None:
            # Everything has settled: lists show the same.
            return self._shown
        last = (versions[-1] for versions in self._versions.values())
        return sorted((one for one in last if one.names is not None), key=lambda one: order(one.key))

    def values(self) -> list[Value]:
        """Every record as it is now, in the order of their numbers."""
        return [value for one in self.current() if (value := one.value) is not None]

    def dump(self) -> dict[str, Any]:
        """All that a restore needs."""
        last = {key: versions[-1] for key, versions in self._versions.items()}
        return {
            "records": {key: version.value for key, version in last.items() if version.names is not None},
            "modified": {key: version.modified for key, version in last.items() if version.names is not None},
            "used": sorted(self._used, key=order),
            "last": self._last,
        }

    def load(self, data: dict[str, Any]) -> None:
        """Restores a dump."""
        records, modified = data["records"].items(), data["modified"]
        self._versions = {key: [self._version(key, LONG_AGO, modified[key], value)] for key, value in records}
        self._shown = None
        self._used, self._last = set(data["used"]), data["last"]


def _seen(versions: list[Version], at: float) -> Version | None:
    for index in range(len(versions) - 1, -1, -1):
        if versions[index].written <= at:
            del versions[:index]
            return versions[0]
    return None
