"""The stack with stand-ins for the services: what it gives them, and what can be done to them."""

import json

import httpx
import pytest

from devstack import ProcessFailedError, Stack
from devstack.services import SERVICES

STAND_IN = """\
import http.server, json, os, sys
if sys.argv[1] == "migrate":
    assert os.environ["DATABASE_URL"]
    sys.exit(0)
if os.environ.get("FAIL"):
    sys.exit("it was told to fail")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(dict(os.environ)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer((os.environ["HTTP_HOST"], int(os.environ["HTTP_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def stand_ins(infrastructure, tmp_path, monkeypatch):
    """Packages of the services' names, on the infrastructure that all tests share."""
    for package in SERVICES.values():
        (tmp_path / "packages" / package).mkdir(parents=True)
        # A regular package: one without this file would give way to the installed one.
        (tmp_path / "packages" / package / "__init__.py").touch()
        (tmp_path / "packages" / package / "__main__.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"), prepend=":")
    monkeypatch.setenv("DATABASE_URL", infrastructure.database_url("administrator"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infrastructure.bootstrap_servers)


def environment_of(service):
    return json.loads(httpx.get(f"{service.url}/environment", timeout=0.3).text)


async def test_services_get_their_addresses_and_can_be_killed_and_frozen(stand_ins, infrastructure, tmp_path):
    extra = {"fortnox-connector": {"FAULT_POINTS": "a:kill"}, "fortnox-connector-2": {"FAULT_POINTS": "b:kill"}}
    started = Stack.start(tmp_path / "run", time_scale=20, replicas={"fortnox-connector": 2}, extra_env=extra)
    async with started as stack:
        assert set(stack.services) == {*SERVICES, "fortnox-connector-2"}
        first, second = (environment_of(stack.services[name]) for name in ("fortnox-connector", "fortnox-connector-2"))
        assert (first["FAULT_POINTS"], second["FAULT_POINTS"]) == ("a:kill", "b:kill")
        assert first["HTTP_PORT"] != second["HTTP_PORT"]
        assert first["ENCRYPTION_KEY"] == second["ENCRYPTION_KEY"]
        assert first["DATABASE_URL"] == infrastructure.database_url("fortnox_connector")
        assert first["FORTNOX_CONNECTOR_API_URL"] == f"{stack.sandbox_url}/fortnox"
        assert first["TIME_SCALE"] == "20"
        limego = environment_of(stack.services["limego-connector"])
        assert limego["LIMEGO_CONNECTOR_PUBLIC_URL"] == stack.limego_connector_url
        assert limego["OTEL_SERVICE_NAME"] == "limego-connector"

        matcher = stack.services["matcher"]
        matcher.kill()
        assert not matcher.alive
        await matcher.restart()
        matcher.freeze()
        with pytest.raises(httpx.TimeoutException):
            environment_of(matcher)
        matcher.thaw()
        await matcher.ready()
        await stack.sandbox.restart(hard=True)
        everything = [stack.sandbox, *stack.services.values()]
    assert not any(process.alive for process in everything)


async def test_a_service_that_cannot_start_ends_the_stack_and_shows_its_log(stand_ins, tmp_path):
    with pytest.raises(ProcessFailedError, match=r"(?s)^matcher ended.*it was told to fail"):
        async with Stack.start(tmp_path / "run", extra_env={"matcher": {"FAIL": "1"}}):
            pass


async def test_an_unknown_service_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such service: fortnox"):
        async with Stack.start(tmp_path, replicas={"fortnox": 2}):
            pass
