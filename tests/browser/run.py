"""`make test-browser`: the demo's main job played by clicks in Chromium, on a system of its own that ends with the invariants."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.report import Figure, console, write
from devstack import Stack
from devstack.demo import ENVIRONMENT
from support.activation import Site, site
from support.companies import an_organisation_number
from support.quiescence import converged

PYTHON = Path("build/browser/bin/python")
DIRECTORY = Path("build/test-browser")
NAMES = ("chromium", "chromium-browser", "google-chrome")
GIVE_UP_SECONDS = 600


def main() -> int:
    """0 when every step is seen and every invariant holds."""
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        console.print("make test-browser needs Chromium on the PATH: install it (Debian: apt-get install chromium)")
        return 1
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    return asyncio.run(_until_told(chromium))


async def _until_told(chromium: str) -> int:
    """A signal cancels once, so that the stack and the browser are ended."""
    playing = asyncio.ensure_future(_play(chromium))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: playing.cancel() if not playing.cancelling() else None)
    try:
        return await playing
    except asyncio.CancelledError:
        console.print("stopped")
        return 1


async def _play(chromium: str) -> int:
    console.print("Starting Postgres, Kafka, the two emulators and the four services")
    async with Stack.start(DIRECTORY, extra_env=ENVIRONMENT) as stack, site(stack) as made:
        await made.seed(companies=300)
        await made.activate()
        console.print("Both systems are filled, and the connection is active; the rest is clicks")
        steps = await _story(made, chromium)
        whole = bool(steps) and all(step["ok"] for step in steps)
        violations = (await converged(made.world))[1] if whole else []
    for violation in violations:
        console.print(str(violation), markup=False)
    failed = sum(not step["ok"] for step in steps)
    write(
        "test-browser",
        [
            Figure("browser_steps", len(steps) - failed, f"of {len(steps)} steps", "all", whole),
            Figure("browser_invariants", len(violations), "violations", "0", whole and not violations),
        ],
    )
    console.print(f"Screenshots: {DIRECTORY / 'screenshots'}")
    return 0 if whole and not violations else 1


async def _story(made: Site, chromium: str) -> list[dict[str, object]]:
    """Tells each step when it has been played."""
    folder = DIRECTORY / "screenshots"
    folder.mkdir(parents=True)
    given = {
        "sandbox": made.stack.sandbox_url,
        "coordinator": made.stack.coordinator_url,
        "number": an_organisation_number(dash=True),
        "later_number": an_organisation_number(dash=True),
        "folder": str(folder),
        "chromium": chromium,
    }
    arguments = [str(PYTHON), str(Path(__file__).with_name("story.py")), json.dumps(given)]
    story = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, start_new_session=True)
    steps = []
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            assert story.stdout
            async for line in story.stdout:
                steps.append(step := json.loads(line))
                said = "" if step["ok"] else f"\n{step['said']}"
                console.print(
                    f"{step['seconds']:6.1f} s  {'ok' if step['ok'] else 'FAILED':<7} {step['step']}{said}", markup=False
                )
            if await story.wait() and all(step["ok"] for step in steps):
                steps.append({"step": "the whole story", "ok": False})
    finally:
        if story.returncode is None:
            story.terminate()
            await story.wait()
    return steps


if __name__ == "__main__":
    sys.exit(main())
