import asyncio
import signal
import sys

import psutil
import pytest

from devstack.process import Process, ProcessFailedError, free_port

SLEEP = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"


@pytest.fixture
def a_process(tmp_path):
    started = []

    def start(script: str) -> Process:
        process = Process("a process", [sys.executable, "-c", script], log=tmp_path / "log").start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


async def until_it_wrote(process: Process, text: str = "here") -> None:
    for _ in range(1000):
        if text in process.log_tail():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(process.log_tail())


async def test_a_killed_process_is_gone_with_its_children_and_tells_the_signal(a_process):
    process = a_process(PARENT)
    await until_it_wrote(process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert not process.alive
    assert process.exit_code == -signal.SIGKILL
    assert family
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family)


async def test_a_process_that_ignores_sigterm_is_killed(a_process):
    process = a_process(STUBBORN)
    await until_it_wrote(process)
    assert await process.terminate(within=0.2) == -signal.SIGKILL


async def test_a_frozen_process_is_alive_and_can_be_terminated(a_process):
    process = a_process(SLEEP)
    process.freeze()
    assert process.alive
    assert psutil.Process(process.pid).status() == psutil.STATUS_STOPPED
    assert await process.terminate() == -signal.SIGTERM


async def test_a_restart_is_a_new_process_with_the_same_log(a_process):
    process = a_process(SLEEP)
    await until_it_wrote(process)
    first = process.pid
    await process.restart(hard=True)
    await until_it_wrote(process, "here\nhere")
    assert process.alive
    assert process.pid != first


async def test_a_failure_shows_the_end_of_the_log(a_process):
    process = a_process("print('the reason'); raise SystemExit(3)")
    with pytest.raises(ProcessFailedError, match=r"(?s)exit code 3.*the reason"):
        await process.finish(within=10)


async def test_a_late_process_is_killed(a_process):
    process = a_process(SLEEP)
    with pytest.raises(ProcessFailedError, match="did not finish"):
        await process.finish(within=0.05)
    assert not process.alive


def test_a_port_is_given_once():
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
