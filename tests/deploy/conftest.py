"""The system in containers, for the tests of this folder: a project, ports and images of its own, gone when they end."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from devstack.people import DATABASE, PERSONAL_KEY, TENANT
from devstack.process import free_port

ROOT = Path(__file__).parents[2]
STAND_IN = Path(os.environ.get("DOCKER_STAND_IN", ROOT.parent / "shared" / "tools" / "docker-stand-in.sh"))
REPORT = ROOT / "build" / "reports" / "test-compose.json"
GOAL_SECONDS = 360
# The tests see the files' own defaults: nothing of the developer's environment or .env reaches the containers.
PASSED_ON = ("PATH", "HOME", "DOCKER_", "BUILDX_", "XDG_", "http_proxy", "https_proxy", "no_proxy", "HTTP_", "HTTPS_", "NO_PROXY")


class Compose:
    """One compose project, its containers and what the sandbox in it holds."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.project = f"dubbelsynk-test-{secrets.token_hex(3)}"
        self.sandbox_url, self.coordinator_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        own = {
            "DUBBELSYNK_VERSION": self.project,
            "SANDBOX_PORT": self.sandbox_url.rpartition(":")[2],
            "COORDINATOR_PORT": self.coordinator_url.rpartition(":")[2],
        }
        self._environment = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)} | own
        self._http = build_opener(ProxyHandler({}))

    def command(self, *arguments: str) -> list[str]:
        return ["docker", "compose", "--env-file", os.devnull, "--project-name", self.project, *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that is not waited for; its output is one pipe."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, within: float = 120) -> str:
        """A command's output; the test fails with its end when the command does."""
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            output, _ = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"docker compose {' '.join(arguments)} took more than {within:g} s; {self._why()}")
        if time.monotonic() - started > 1:
            self._say(f"{time.monotonic() - started:6.1f} s  docker compose {' '.join(arguments)}")
        if process.returncode:
            pytest.fail(f"docker compose {' '.join(arguments)}: exit code {process.returncode}\n{output[-6000:]}\n{self._why()}")
        return output

    def inspected(self) -> dict[str, Any]:
        """What the engine knows of each container, the ended ones too, by the name of its service."""
        listed = subprocess.run(self.command("ps", "--all", "--quiet"), cwd=ROOT, env=self._environment, check=True, **CAPTURED)
        shown = subprocess.run(["docker", "inspect", *listed.stdout.split()], check=True, **CAPTURED)
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in json.loads(shown.stdout)}

    def start_containers(self, *services: str) -> None:
        """As the engine does it: `docker compose start` would start first what they depend on."""
        containers = self.inspected()
        subprocess.run(["docker", "start", *(containers[name]["Id"] for name in services)], check=True, **CAPTURED)

    def until_healthy(self, *services: str, within: float = 120) -> None:
        deadline = time.monotonic() + within
        while True:
            states = {name: self.inspected()[name]["State"] for name in services}
            if all(state["Status"] == "running" and state["Health"]["Status"] == "healthy" for state in states.values()):
                return
            if time.monotonic() > deadline:
                pytest.fail(f"not healthy within {within:g} s; {self._why()}")
            time.sleep(0.5)

    def systems(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """All that Fortnox holds, and all that Lime Go holds."""
        with self._http.open(f"{self.sandbox_url}/control/state", timeout=30) as answer:
            state = json.load(answer)
        return state["fortnox"]["tenants"][str(TENANT)], state["limego"]["databases"][DATABASE]

    def win_a_deal(self, company_id: str) -> int:
        """A salesperson's clicks in Lime Go; the deal's id."""
        made = self._ask(
            'mutation($o: String) { createDeal(name: "Service", organizationId: $o, value: 900) { id } }', o=company_id
        )
        self._ask('mutation($d: Int!) { updateDeal(id: $d, status: "ORDER") { id } }', d=made["createDeal"]["id"])
        return int(made["createDeal"]["id"])

    def _ask(self, query: str, **variables: object) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Authorization": PERSONAL_KEY, "Content-Type": "application/json"}
        with self._http.open(Request(f"{self.sandbox_url}/limego/v1/graphql", body, headers), timeout=30) as answer:
            told = json.load(answer)
        assert "errors" not in told, told
        return told["data"]

    def status_of(self, url: str) -> int:
        with self._http.open(url, timeout=30) as answer:
            return int(answer.status)

    def remove(self) -> None:
        """Containers, networks, volumes and images; the public images stay."""
        subprocess.run(
            self.command("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "30"),
            cwd=ROOT,
            env=self._environment,
            check=False,
            **CAPTURED,
        )
        images = subprocess.run(["docker", "image", "ls", "--quiet", f"dubbelsynk/*:{self.project}"], check=True, **CAPTURED)
        if images.stdout.split():
            subprocess.run(["docker", "image", "rm", "--force", *set(images.stdout.split())], check=False, **CAPTURED)

    def _why(self) -> str:
        """What the containers say of themselves; logs of those that are not well, or of all when all are."""
        states = {name: one["State"] for name, one in self.inspected().items()}
        shown = ", ".join(
            f"{name}: {state['Status']} {state.get('Health', {}).get('Status', '')}" for name, state in states.items()
        )
        unwell = [name for name, state in states.items() if state.get("Health", {}).get("Status", "healthy") != "healthy"]
        logs = self.command("logs", "--no-color", "--tail", "20", *unwell)
        told = subprocess.run(logs, cwd=ROOT, env=self._environment, check=False, **CAPTURED)
        return f"containers: {shown}\n{told.stdout[-8000:]}"


CAPTURED: dict[str, Any] = {"capture_output": True, "text": True}


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """To the terminal at once: the figures are what `make test-compose` is run for."""
    plugins = request.config.pluginmanager
    reporter, capture = plugins.getplugin("terminalreporter"), plugins.getplugin("capturemanager")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(line)

    return write


@pytest.fixture(scope="session")
def engine(say: Callable[[str], None]) -> None:
    """A Docker engine: the one that answers, else the stand-in."""
    if _answers():
        return
    if not STAND_IN.exists():
        pytest.fail(
            f"no Docker engine answers (`docker info`), and there is no stand-in at {STAND_IN} (DOCKER_STAND_IN names one)"
        )
    say(f"no Docker engine answers: {STAND_IN} up (3 minutes when cold; it stays up, `down` stops it)")
    started = subprocess.run([STAND_IN, "up"], check=False, **CAPTURED)
    if started.returncode or not _answers():
        pytest.fail(f"{STAND_IN} up: exit code {started.returncode}\n{(started.stdout + started.stderr)[-3000:]}")


def _answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], check=False, **CAPTURED).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def system(engine: None, say: Callable[[str], None], request: pytest.FixtureRequest) -> Iterator[Compose]:
    """Everything, as `docker compose up --build --wait` leaves it; the time of all is reported at the end."""
    # SIGTERM ends pytest without its cleaning up, which would leave ten containers behind.
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to stop", returncode=143))
    compose, started, is_up = Compose(say), time.monotonic(), False
    try:
        compose.run("up", "--build", "--wait", within=300)
        is_up = True
        yield compose
    finally:
        compose.remove()
        signal.signal(signal.SIGTERM, before)
        say(_report(time.monotonic() - started, passed=is_up and request.session.testsfailed == 0))


def _report(seconds: float, *, passed: bool) -> str:
    """build/reports/test-compose.json, and the same in a line."""
    holds = passed and seconds <= GOAL_SECONDS
    figure = {"name": "compose", "value": round(seconds, 1), "unit": "s", "goal": f"<= {GOAL_SECONDS}", "holds": holds}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([figure], indent=2) + "\n")
    return f"compose: {seconds:.0f} s, goal <= {GOAL_SECONDS} s and all tests passed: {'yes' if holds else 'NO'}"
