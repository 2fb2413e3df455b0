"""A real server in its own process, clients for each kind of key, and a receiver of webhooks."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from support.html_forms import Page

SOURCES = Path(__file__).parents[3] / "libs" / "sandbox" / "src"
START_SECONDS = 20
TRANSPORT = httpx.HTTPTransport(verify=False)


def until(check: Callable[[], Any], what: str, seconds: float = 10) -> Any:
    """Polls until the check gives something true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox of our own, without seed."""
    port_file = tmp_path_factory.mktemp("sandbox") / "port"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--port-file", str(port_file)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    process = subprocess.Popen(command, env=environment)
    try:
        until(lambda: process.poll() is not None or (port_file.exists() and port_file.read_text()), "port file", START_SECONDS)
        assert process.poll() is None, "the sandbox ended"
        url = f"http://127.0.0.1:{port_file.read_text().strip()}"
        until(lambda: _answers(url), "an answer", START_SECONDS)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/control/limego/switches").status_code == 200
    except httpx.TransportError:
        return False


class Key:
    """A client with one API key."""

    def __init__(self, address: str, key: str) -> None:
        self.http = httpx.Client(base_url=f"{address}/limego/v1", headers={"Authorization": key}, timeout=20, transport=TRANSPORT)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer of a GraphQL call."""
        return self.http.post("/graphql", json={"query": query, "variables": variables}).json()

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL call that goes well."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def error(self, query: str, **variables: Any) -> str:
        """The first message of a GraphQL call that goes wrong."""
        return self.ask(query, **variables)["errors"][0]["message"]

    def feed(self, peek: bool = False) -> list[dict[str, Any]]:
        """One reading of the feed; drained, it says nothing at all."""
        return self.http.get("/event/feed/", params={"peek": str(peek).lower()}).json().get("items", [])

    def subscribe(self, targeturl: str, *events: str) -> str:
        """The id of a new subscription."""
        answer = self.http.post("/event/subscription", json={"targeturl": targeturl, "events": list(events)})
        assert answer.status_code == 200, answer.text
        return answer.json()


class Base:
    """A database of our own, with a client per kind of key and the control routes."""

    def __init__(self, address: str) -> None:
        self.name = f"test-{uuid4()}"
        self.control = httpx.Client(base_url=f"{address}/control", timeout=20, transport=TRANSPORT)
        answer = self.control.post("/limego/databases", json={"name": self.name})
        self.keys: dict[str, str] = answer.json()["keys"]
        self.full, self.company, self.person = (Key(address, self.keys[kind]) for kind in ("full", "company", "personal"))

    def bulk(self, **body: Any) -> dict[str, Any]:
        """Inserts records as if they had always been there."""
        answer = self.control.post(f"/limego/databases/{self.name}/bulk", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def a_company(self, **fields: Any) -> str:
        """The id of a company."""
        return self.bulk(organizations=[{"name": "Nordvikens Bygg AB", **fields}])["organizations"][0]

    def a_deal(self, **fields: Any) -> int:
        """The id of an open deal of a new company."""
        company = fields.pop("organizationId", None) or self.a_company()
        return self.bulk(deals=[{"name": "Serviceavtal", "value": 1000, "organizationId": company, **fields}])["deals"][0]

    def a_person(self, **fields: Any) -> str:
        """The id of a person."""
        return self.bulk(persons=[{"id": str(uuid4().int), "name": "Vera Tallmo", **fields}])["persons"][0]

    def event(self, event_type: str, **about: Any) -> None:
        """Lets something happen that no call of the API does."""
        answer = self.control.post(f"/limego/databases/{self.name}/events", json={"type": event_type, **about})
        assert answer.status_code == 201, answer.text

    def change(self, **changes: Any) -> httpx.Response:
        """Changes the database's steps or its users' permissions."""
        return self.control.patch(f"/limego/databases/{self.name}", json=changes)

    def calls(self, **wanted: str) -> list[dict[str, Any]]:
        """The calls to this database."""
        return self.control.get("/calls", params={"system": "limego", "credential": self.name, **wanted}).json()["calls"]

    def switch(self, **switches: Any) -> None:
        """Turns switches; the fixture turns them back."""
        answer = self.control.put("/limego/switches", json=switches)
        assert answer.status_code == 200, answer.text

    def fault(self, operation: str, kind: str, **fields: Any) -> None:
        """Puts one fault in force, for this database only."""
        rule = {"system": "limego", "operation": operation, "kind": kind, "connection": self.name, **fields}
        answer = self.control.put("/faults", json={"faults": [rule]})
        assert answer.is_success, answer.text

    def state(self) -> dict[str, Any]:
        """What the emulator holds of this database."""
        return self.control.get("/state").json()["limego"]["databases"][self.name]


@pytest.fixture
def base(address: str) -> Iterator[Base]:
    """A new, empty database."""
    made = Base(address)
    switches = made.control.get("/limego/switches").json()
    yield made
    made.control.put("/limego/switches", json=switches)
    made.control.put("/faults", json={"faults": []})


class Browser:
    """A person at the pages of one database."""

    def __init__(self, base: Base) -> None:
        self.name = base.name
        self.http = httpx.Client(base_url=str(base.control.base_url).removesuffix("/control/"), timeout=20, transport=TRANSPORT)

    def page(self, path: str, **query: str) -> str:
        """A page that is there."""
        answer = self.http.get(path, params={"databas": self.name, **query})
        assert answer.status_code == 200, answer.text
        return answer.text

    def parts(self, path: str, **query: str) -> Page:
        """The same, taken apart."""
        return Page(self.page(path, **query))

    def click(self, path: str, **fields: str) -> str:
        """Where a click leads."""
        data = {"databas": self.name, "tillbaka": f"/limego/?databas={self.name}", **fields}
        answer = self.http.post(path, data=data)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def refused(self, path: str, **fields: str) -> str:
        """The form again, after it was refused."""
        answer = self.http.post(path, data={"databas": self.name, **fields})
        assert answer.status_code == 422, answer.text
        return answer.text

    def follow(self, place: str) -> str:
        """The page where a click led."""
        return self.http.get(place).raise_for_status().text

    @staticmethod
    def alert(page: str) -> str:
        """What the page says went wrong."""
        return next(iter(Page(page).alerts), "")


@pytest.fixture
def browser(base: Base) -> Browser:
    """A person at the pages of the test's database."""
    return Browser(base)


class Receiver:
    """Takes webhooks and keeps their bodies."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.headers.append({name.lower(): value for name, value in self.headers.items()})
                owner.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(owner.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def types(self) -> list[str]:
        """The types that came, sorted."""
        return sorted(body["eventType"] for body in self.bodies)

    def close(self) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's target."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def poll() -> Callable[..., Any]:
    """Waits for something to become true."""
    return until
