import signal
import subprocess
import sys
import time

import psutil
import pytest


def running(processes):
    """Those that run still; a zombie is for the machine's init to reap."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_command_leaves_no_process_behind(tmp_path, number, exit_code):
    log = tmp_path / "log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "devstack", "infrastructure", "--directory", str(tmp_path / "data")]
        parent = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "Ctrl-C stops it" in log.read_text() or parent.poll() is not None, 60)
        children = psutil.Process(parent.pid).children(recursive=True)
        names = {child.name() for child in children}
        parent.send_signal(number)
        wait_until(lambda: parent.poll() is not None and not running(children), 15)
    finally:
        parent.kill()
        parent.wait()
    assert {"java", "postgres"} <= names
    assert parent.returncode == exit_code
