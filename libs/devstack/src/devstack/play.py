"""`python -m devstack.play`: the main job against a system that runs elsewhere (compose, a cluster). Exit code 0 or 1."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from devstack.demo_report import report
from devstack.main_job import Addresses, MainJob
from devstack.people import StepFailedError


def main() -> int:
    """The command line; the internal token comes from INTERNAL_TOKEN."""
    parser = argparse.ArgumentParser(prog="python -m devstack.play", description="Play the main job and check it.")
    for name in ("sandbox", "coordinator", "limego-connector"):
        parser.add_argument(f"--{name}-url", required=True)
    options = parser.parse_args()
    token = os.environ.get("INTERNAL_TOKEN", "")
    addresses = Addresses(options.sandbox_url, options.coordinator_url, options.limego_connector_url, token)
    try:
        asyncio.run(MainJob(addresses, report()).play())
    except StepFailedError as error:
        sys.stderr.write(f"the main job failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
