"""`python -m matcher.estimator`: estimates one connection's model in a process of its own, which gives all its memory back.

The service starts it (estimating.py). What it needs comes over its standard input, its answer leaves over its standard output,
and it ends when the service does: no password and nobody's data is in an argument, a file or a log.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from matcher.keys import company_record, customer_record
from matcher.linking import link_registers
from matcher.repository import ModelRepository
from servicekit.database import Database

NICENESS, FIRST_TO_DIE = 10, "1000"
"""Decisions go before models: with the processor, and where memory runs out."""


class Wanted(BaseModel):
    """What is to be estimated."""

    database_url: str
    connection_id: UUID


class Estimate(BaseModel):
    """The model as text, and how many records it was estimated from."""

    version: str
    companies: int
    customers: int
    model: str


async def estimate(wanted: Wanted) -> Estimate:
    """Reads both registers and estimates their model. The same registers give the same version.

    They may change meanwhile: it is a model to rank by. Links and people's words play no part in it.
    """
    database = Database(wanted.database_url, size=1)
    await database.open()
    try:
        repository = ModelRepository(database.pool)
        companies = [company_record(one) for one in await repository.companies(wanted.connection_id)]
        customers = [customer_record(one) for one in await repository.customers(wanted.connection_id)]
    finally:
        await database.close()
    model = link_registers(companies, customers).model.condensed()
    return Estimate(version=model.version, companies=len(companies), customers=len(customers), model=model.to_json())


def main() -> None:
    """Answers one question. A failure is told by its type's name alone: its text may hold a record or the password."""
    os.nice(NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_DIE, encoding="ascii")
    try:
        wanted = Wanted.model_validate_json(sys.stdin.readline())
        threading.Thread(target=_end_with_the_service, daemon=True).start()
        answer = asyncio.run(estimate(wanted)).model_dump_json()
    except Exception as error:
        sys.exit(f"the estimation failed: {type(error).__name__}")
    sys.stdout.write(answer)


def _end_with_the_service() -> None:
    """The service holds the input open for as long as it lives."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
