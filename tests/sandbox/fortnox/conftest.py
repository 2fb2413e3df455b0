"""A real sandbox in a process of its own, and a company of its own for each test."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support.fortnox_shop import Shop

SOURCES = Path(__file__).parents[3] / "libs" / "sandbox" / "src"
TENANTS = itertools.count(200_001)


def eventually(check, seconds=10.0):
    """Polls until the check gives something, and gives that."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


class Box:
    """One company through the API, and the sandbox's control."""

    eventually = staticmethod(eventually)

    def __init__(self, base, tenant, scopes=None):
        self.control = httpx.Client(base_url=f"{base}/control")
        self.tenant = tenant
        made = {"tenant": tenant, "clients": {"app": "secret"}, **({"scopes": scopes} if scopes else {})}
        assert self.control.post("/fortnox/tenants", json=made).status_code == 201
        self.http = httpx.Client(base_url=f"{base}/fortnox", timeout=5)
        self.token = self.ask_token().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def ask_token(self, client="app", secret="secret", grant="client_credentials", tenant=None):
        headers = {"TenantId": tenant or self.tenant}
        return self.http.post("/oauth-v1/token", auth=(client, secret), headers=headers, data={"grant_type": grant})

    def get(self, path, **query):
        return self.http.get(f"/3/{path}", params=query)

    def post(self, path, wrapper, **body):
        return self.http.post(f"/3/{path}", json={wrapper: body})

    def put(self, path, wrapper=None, **body):
        return self.http.put(f"/3/{path}", **({"json": {wrapper: body}} if wrapper else {}))

    def customer(self, **fields):
        answer = self.post("customers", "Customer", **{"Name": "Provbolaget AB", **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["Customer"]

    def invoice(self, *rows, **fields):
        number = fields.pop("CustomerNumber", None) or self.customer()["CustomerNumber"]
        rows = list(rows) or [{"DeliveredQuantity": "1", "Price": 100, "VAT": 25, "Description": "Arbete"}]
        answer = self.post("invoices", "Invoice", CustomerNumber=number, InvoiceRows=rows, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["Invoice"]

    def switch(self, **values):
        answer = self.control.put("/switches", json=values)
        assert answer.status_code == 200, answer.text

    def fault(self, kind, operation, **more):
        body = {"system": "fortnox", "operation": operation, "kind": kind, "connection": self.tenant, **more}
        answer = self.control.post("/faults", json=body)
        assert answer.status_code == 200, answer.text

    def advance(self, seconds):
        self.control.post("/clock", json={"advance": seconds})

    def calls(self, **wanted):
        return self.control.get("/calls", params={"credential": self.tenant, **wanted}).json()["calls"]

    def events(self, **query):
        return self.control.get("/fortnox/stream", params={"tenant": self.tenant, **query}).json()["events"]

    def told(self, work):
        """Type and entity of the events of some work."""
        before = self.events()
        work()
        return [(event["type"], event["entityId"]) for event in self.events() if event not in before]

    def renew(self):
        """Asks for a new token, after a long time."""
        self.token = self.ask_token().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def records(self, kind):
        return self.control.get("/state").json()["fortnox"]["tenants"][self.tenant][kind]


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    port_file = tmp_path_factory.mktemp("sandbox") / "port"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--port-file", str(port_file)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SOURCES)}, stdout=subprocess.DEVNULL)
    try:
        eventually(port_file.exists, 20)
        yield f"http://127.0.0.1:{port_file.read_text().strip()}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


@pytest.fixture
def box(base):
    box = Box(base, str(next(TENANTS)))
    before = box.control.get("/switches").json()
    box.switch(search_lag=0)
    yield box
    box.control.delete("/faults")
    box.switch(**before)


@pytest.fixture
def a_box(base):
    """Makes further companies."""
    return lambda **options: Box(base, str(next(TENANTS)), **options)


class Listener:
    """A client of the event stream."""

    def __init__(self, socket):
        self.socket = socket

    def say(self, command, **more):
        """Sends a command and gives its answer; no event may be under way."""
        self.socket.send(json.dumps({"command": command, **more}))
        answer = self.read()
        assert answer.get("response") == command
        return answer

    def read(self):
        return json.loads(self.socket.recv(timeout=10))

    def read_until(self, entity):
        """The events up to the one of an entity, that one included."""
        events = [self.read()]
        while events[-1]["entityId"] != entity:
            events.append(self.read())
        return events

    def add(self, *boxes, secret="secret"):
        return self.say("add-tenants-v1", clientSecret=secret, accessTokens=[f"Bearer {box.token}" for box in boxes])

    def listen(self, *boxes, topics):
        """The whole handshake; `topics` gives each topic's offset or None."""
        assert self.add(*boxes)["result"] == "ok"
        listed = [{"topic": topic, **({"offset": offset} if offset else {})} for topic, offset in topics.items()]
        answers = (self.say("add-topics-v1", topics=listed), self.say("subscribe-v1"))
        assert [answer["result"] for answer in answers] == ["ok", "ok"]
        return self

    def is_cut(self):
        """Whether the server ended the connection, which it does without a close frame."""
        try:
            while True:
                self.read()
        except ConnectionClosed as closed:
            return closed.rcvd is None


@pytest.fixture
def listener(base):
    """Makes clients of the event stream."""
    address = f"{base.replace('http', 'ws', 1)}/fortnox/topics-v1"
    with ExitStack() as opened:
        yield lambda: Listener(opened.enter_context(connect(address, open_timeout=5, close_timeout=5)))


@pytest.fixture
def shop():
    """A company in this process."""
    return Shop()
