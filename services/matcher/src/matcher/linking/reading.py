"""Normal forms of two whole registers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

from matcher.identity import Identity, identity_of_customer
from matcher.records import CustomerRecord


def begin_reading(customers: Sequence[CustomerRecord], *, is_parallel: bool) -> Callable[[], Sequence[Identity]]:
    """Begins with the customers' normal forms; what is returned waits for them.

    In parallel a forked child reads them, which has the records without a copy: only where there is fork, and in a process that
    has no other threads at work. The wait raises ChildProcessError when the child fails or is killed.
    """
    if not is_parallel:
        found = [identity_of_customer(record) for record in customers]
        return lambda: found
    context = multiprocessing.get_context("fork")
    ours, its = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(its, customers), daemon=True)
    child.start()
    its.close()

    def wait() -> Sequence[Identity]:
        try:
            received: list[Identity] = ours.recv()
        except (EOFError, OSError):
            child.join()
            raise ChildProcessError(f"reading the customers ended with exit code {child.exitcode}") from None
        child.join()
        return received

    return wait


def _send(to: Connection, customers: Sequence[CustomerRecord]) -> None:
    to.send([identity_of_customer(record) for record in customers])
