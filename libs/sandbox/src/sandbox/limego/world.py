"""All databases of one emulator, its switches, and the clock and faults it lives under."""

from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import storage
from sandbox.limego.database import DEFAULT, Database
from sandbox.limego.delivery import Postman
from sandbox.limego.limits import Limiter
from sandbox.limego.records import PERSONAL, Coworker, Key
from sandbox.limego.refusals import InputError
from sandbox.limego.switches import Switches

PREFIX = "go-api:"


@dataclass(frozen=True)
class Caller:
    """Who does something, where: a key of one database."""

    limego: "LimeGo"
    database: Database
    key: Key

    @property
    def coworker(self) -> Coworker | None:
        """The person behind a personal key."""
        return self.database.coworkers.get(self.key.coworker or 0)

    @property
    def writer(self) -> str:
        """Under which name this key's changes are counted."""
        return "person" if self.key.kind == PERSONAL else "api"


class LimeGo:
    """The emulator's state. `databases` is by name; `bolaget` is always there."""

    def __init__(self, clock: Clock, faults: Faults, switches: Switches | None = None) -> None:
        self.clock = clock
        self.faults = faults
        self.postman = Postman(self)
        self.limiter = Limiter(clock)
        self._first_switches = switches or Switches()
        self.reset()

    def reset(self) -> None:
        """Back to one empty database, the first switches, and no webhook on its way."""
        self.postman.forget()
        self.limiter.forget()
        self.switches = self._first_switches
        self.databases: dict[str, Database] = {}
        self._keys: dict[str, tuple[Database, Key]] = {}
        self.create_database(DEFAULT)

    def create_database(self, name: str) -> dict[str, str]:
        """Makes a database, or finds the one of that name; gives its keys by kind, as a user pastes them."""
        if not name or len(name) > 60 or "/" in name:
            raise InputError("a database's name is 1-60 characters without a slash")
        if name not in self.databases:
            self.adopt(Database(name))
        return {kind: PREFIX + key.guid for kind, key in self.databases[name].keys.items()}

    def adopt(self, database: Database) -> None:
        """Takes a database in, with its keys."""
        self.databases[database.name] = database
        for key in database.keys.values():
            self._keys[key.guid] = (database, key)

    def caller(self, guid: str) -> Caller | None:
        """Who this key belongs to."""
        found = self._keys.get(guid.lower())
        return Caller(self, *found) if found else None

    def caller_of(self, database: str, kind: str) -> Caller:
        """The caller with the key of this kind."""
        found = self.databases[database]
        return Caller(self, found, found.keys[kind])

    def state(self) -> dict[str, Any]:
        """Everything, ready for JSON: databases by name with all records and write counters, and the switches."""
        databases = {name: storage.dump(database) for name, database in self.databases.items()}
        return {"switches": self.switches.to_json(), "databases": databases}

    def load(self, data: dict[str, Any]) -> None:
        """Puts back what `state` gave; raises InputError."""
        try:
            databases = [storage.restore(name, saved) for name, saved in data["databases"].items()]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"not a state of Lime Go: {error!r}") from error
        self.reset()
        self.switches = Switches().changed(data.get("switches", {}))
        for database in databases:
            self.adopt(database)
