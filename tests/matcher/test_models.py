"""A connection's own model: estimated from its two registers, kept, used by the live flow, and of no other effect."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from contracts.events import CustomerMatched, MatchReviewRequested
from contracts.values import Address
from matcher.estimating import LEAST_RECORDS, Estimating
from matcher.keys import company_record, customer_record
from matcher.linking import Model, link_registers
from matcher.records import Outcome
from matcher.repository import ModelRepository, StoredModel
from matcher.score_models import ScoreModels, method, shipped
from servicekit.crypto import Vault
from servicekit.durations import Durations
from support.registers import DIRTY, registers
from support.snapshots import a_company, a_customer

SIZE = 250
MADE = registers(31, SIZE, DIRTY)
COMPANIES = [a_company(record) for record in MADE.companies]
CUSTOMERS = [a_customer(record) for record in MADE.customers]
BATCH = [company_record(one) for one in COMPANIES], [customer_record(one) for one in CUSTOMERS]
NUMBER, MISTYPED, OTHER = "5566778899", "5566778890", "5560004755"
LUND = Address(street="Storgatan 4", postcode="222 22", city="Lund", country_code="SE")


@pytest.fixture(autouse=True)
async def alone(database):
    """No other test's connection is due."""
    await database.pool.execute("UPDATE connection SET companies_listed = false")


@pytest.fixture
def estimating(database, database_url, models):
    """One replica's loop, which rests for no time that can be noticed."""
    return Estimating(database, database_url, models, Durations.scaled(1e9))


async def is_filled(world, companies=COMPANIES, customers=CUSTOMERS):
    await world.is_listed()
    await world.handle(*(world.customer("0").model_copy(update={"customer": one}) for one in customers))
    await world.handle(*(world.company("0").model_copy(update={"company": one}) for one in companies))


async def stored(world):
    return await world.database.pool.fetchrow("SELECT * FROM score_model WHERE connection_id = $1", world.connection_id)


async def model_of(world):
    async with world.database.pool.acquire() as connection:
        return (await world.models.of(connection, [world.connection_id]))[world.connection_id]


async def test_the_live_flow_ranks_as_linking_both_registers_under_the_stored_model_does(world, estimating):
    await is_filled(world)
    assert await estimating.turn() == 1
    model = await model_of(world)
    assert model.version == (await stored(world))["version"] != shipped().version
    await world.handle(*(world.became_client(one.company_id) for one in COMPANIES))
    said = {message.record_id: message for message in await world.published()}
    judged = link_registers(*BATCH, model=model.model).judgements
    linked = {one.company_id: one for one in judged if one.outcome is Outcome.LINKED}
    for company_id, one in linked.items():
        message = said[company_id]
        assert isinstance(message, CustomerMatched)
        assert (message.customer_number, message.rung) == (one.customer_number, one.rung)
    reviews = [message for message in said.values() if isinstance(message, MatchReviewRequested)]
    assert {message.model_version for message in reviews} == {model.version}
    scored = {(one.customer_number, found.company_id): found for one in judged for found in one.candidates}
    pairs = [(message, found) for message in reviews for found in message.ranked if found.odds is not None]
    assert len(pairs) > SIZE / 10
    same = 0
    for message, found in pairs:
        batch = scored[found.customer_number, message.record_id]
        # Near one company less is too common to be compared: a rival that the batch leaves out takes its hundredth.
        assert found.odds == pytest.approx(batch.odds, rel=0.01)
        same += found.odds == batch.odds
        assert [(each.field, each.weight) for each in found.evidence] == [(each.field, each.weight) for each in batch.evidence]
    assert same > 0.8 * len(pairs)
    kept = await world.database.pool.fetch(
        "SELECT DISTINCT model_version FROM decision WHERE connection_id = $1 AND kind = 'review'", world.connection_id
    )
    assert [row["model_version"] for row in kept] == [model.version]


async def test_the_same_registers_give_the_same_model_and_it_is_not_estimated_again_for_nothing(world, estimating):
    await is_filled(world)
    assert await estimating.turn() == 1
    first = await stored(world)
    assert first["version"] == link_registers(*BATCH).model.condensed().version
    assert (first["companies"], first["customers"]) == (len(COMPANIES), len(CUSTOMERS))
    assert await estimating.turn() == 0
    await world.database.pool.execute("UPDATE score_model SET estimated_at = now() - interval '8 days'")
    assert await estimating.turn() == 1
    assert (await stored(world))["version"] == first["version"]


async def test_a_register_that_has_grown_by_a_fifth_gets_another_model(world, estimating):
    few = len(CUSTOMERS) * 100 // 121
    await is_filled(world, customers=CUSTOMERS[:few])
    assert await estimating.turn() == 1
    first = await stored(world)
    more = [world.customer("0").model_copy(update={"customer": one}) for one in CUSTOMERS[few:]]
    await world.handle(*more[: few // 10])
    assert await estimating.turn() == 0
    await world.handle(*more)
    assert await estimating.turn() == 1
    assert (await stored(world))["version"] != first["version"]


async def test_another_way_to_estimate_makes_a_stored_model_useless(world, estimating):
    await is_filled(world)
    await estimating.turn()
    await world.database.pool.execute("UPDATE score_model SET method = 'older'")
    assert await model_of(world) == shipped()
    assert await estimating.turn() == 1
    assert (await model_of(world)).version == (await stored(world))["version"]


async def test_a_connection_with_few_records_or_half_listed_has_the_shipped_model(world, another_world, estimating):
    await is_filled(world, COMPANIES[: LEAST_RECORDS - 1])
    await another_world.handle(another_world.connection(), another_world.companies_listed())
    for side, records in (("company", COMPANIES), ("customer", CUSTOMERS)):
        make = getattr(another_world, side)
        await another_world.handle(*(make("0").model_copy(update={side: one}) for one in records))
    assert await estimating.turn() == 0
    await world.handle(world.company("a", name="Åkerlunds Plåtslageri AB"), world.became_client("a"))
    (message,) = await world.published()
    assert message.model_version == shipped().version


async def test_two_replicas_estimate_a_connection_once(world, database, database_url, models):
    await is_filled(world)
    replicas = [Estimating(database, database_url, models, Durations()) for _ in range(2)]
    assert sum(await asyncio.gather(*(replica.turn() for replica in replicas))) == 1


def children():
    """The processes that this one has started as `python -m matcher.estimator`."""
    found = [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"matcher.estimator" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def the_child():
    async with asyncio.timeout(30):
        while not (found := children()):
            await asyncio.sleep(0.01)
        return found[0]


async def test_a_process_that_is_killed_leaves_nothing_and_is_started_again(world, estimating):
    await is_filled(world)
    turn = asyncio.create_task(estimating.turn())
    os.kill(await the_child(), signal.SIGKILL)
    assert await turn == 0
    assert await stored(world) is None
    assert await estimating.turn() == 1


async def test_a_service_that_stops_ends_its_process_and_gives_the_connection_back(world, estimating):
    await is_filled(world)
    turn = asyncio.create_task(estimating.turn())
    child = await the_child()
    os.kill(child, signal.SIGSTOP)
    turn.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(turn, return_exceptions=True)
    assert child not in children()
    assert await estimating.turn() == 1


REPLICA = """
import asyncio, sys
from pydantic import SecretStr
from matcher.estimating import Estimating
from matcher.score_models import ScoreModels
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations

async def main():
    url, key = sys.stdin.read().split()
    database = Database(url)
    await database.open()
    await Estimating(database, SecretStr(url), ScoreModels(Vault(key)), Durations()).turn()

asyncio.run(main())
"""


async def test_a_replica_that_is_killed_before_it_has_stored_its_model_leaves_it_to_another(world, estimating, database_url):
    await is_filled(world)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REPLICA, stdin=asyncio.subprocess.PIPE, env={**os.environ, "FAULT_POINTS": "model.estimated:kill"}
    )
    await process.communicate(f"{database_url.get_secret_value()} {Fernet.generate_key().decode()}".encode())
    assert process.returncode == -signal.SIGKILL
    assert await stored(world) is None
    assert await estimating.turn() == 1


async def test_the_process_ends_when_its_service_is_gone(world, database_url):
    await is_filled(world)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "matcher.estimator", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    wanted = {"database_url": database_url.get_secret_value(), "connection_id": str(world.connection_id)}
    async with asyncio.timeout(30):
        answer, _ = await process.communicate(json.dumps(wanted).encode() + b"\n")
    assert (process.returncode, answer) == (1, b"")


async def test_a_question_that_breaks_off_is_told_without_its_password():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "matcher.estimator", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate(b'{"database_url": "postgresql://matcher:hemligt@localhost/dubbelsynk", "connection')
    assert (process.returncode, told) == (1, b"the estimation failed: ValidationError\n")


async def test_what_cannot_be_read_is_told_without_the_record(world, estimating, capfd, caplog):
    await is_filled(world)
    await world.database.pool.execute(
        'UPDATE company_identity SET company = \'{"name": "Hemliga AB"}\' WHERE connection_id = $1 AND company_id = $2',
        world.connection_id,
        COMPANIES[0].company_id,
    )
    assert await estimating.turn() == 0
    told = capfd.readouterr().err + caplog.text
    assert "the estimation failed: ValidationError" in told
    assert "could not be estimated: exit code 1" in told
    assert "Hemliga" not in told


async def test_a_connection_that_fails_rests_and_holds_up_no_other(world, another_world, database, database_url, models, caplog):
    replica = Estimating(database, database_url, models, Durations())
    await is_filled(world)
    await world.database.pool.execute("UPDATE company_identity SET company = '{}' WHERE connection_id = $1", world.connection_id)
    assert await replica.turn() == 0
    await is_filled(another_world)
    assert await replica.turn() == 1
    assert caplog.text.count("could not be estimated") == 1
    assert await stored(another_world)


async def test_a_stored_model_is_sealed_and_one_that_no_key_opens_is_estimated_again(world, estimating):
    await is_filled(world)
    await estimating.turn()
    row = await stored(world)
    words = [word for word in (await model_of(world)).model.frequencies.counts["word"] if len(word) > 9]
    assert words
    assert not any(word.encode() in row["sealed"] for word in words)
    async with world.database.pool.acquire() as connection:
        found = await ScoreModels(Vault(Fernet.generate_key().decode())).of(connection, [world.connection_id])
    assert found[world.connection_id] == shipped()
    assert await estimating.turn() == 1
    assert (await stored(world))["version"] == row["version"]


def test_a_condensed_model_judges_alike_and_names_no_number_of_one_pair():
    linkage = link_registers(*BATCH)
    condensed = linkage.model.condensed()
    assert link_registers(*BATCH, model=condensed).judgements == linkage.judgements
    assert len(condensed.frequencies.counts["digits"]) < len(linkage.model.frequencies.counts["digits"]) / 10
    assert Model.from_json(condensed.to_json()) == condensed


async def is_under(world, model):
    """The connection has this model from now on."""
    saved = StoredModel(model.version, world.models.seal(model.to_json()), 1, 1)
    await ModelRepository(world.database.pool).save(world.connection_id, saved, method())


async def test_a_new_model_frees_no_company_that_is_held_and_unsettles_none(world):
    await world.is_listed()
    alike = world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND)
    await world.handle(alike, world.customer("43", OTHER), world.company("b", OTHER), world.became_client("b"))
    company = {"name": "Åkerlunds Plåtslageri Aktiebolag", "phone": "+46 46 123456", "postal_address": LUND}
    await world.handle(world.company("a", NUMBER, **company), world.became_client("a"))
    before = [("b", "43"), ("a", "scored", "42")]
    assert await world.said() == before
    await is_under(world, replace(shipped().model, prior=-100.0, prior_of_taken=-100.0))
    await world.handle(world.became_client("a"), world.became_client("b"))
    assert sorted(await world.said()) == sorted([*before, *before])
    first, again = [message for message in await world.published() if message.record_id == "a"]
    assert (again.ranked, again.model_version) == (first.ranked, shipped().version), "odds under the model that gave them"
    await world.handle(world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-99 34 56", address=LUND))
    assert (await world.said())[-1] == ("a", "not_found")


async def test_a_persons_word_ends_a_hold_under_any_model(world):
    await world.is_listed()
    await world.handle(world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND))
    await world.handle(world.company("a", NUMBER, name="Åkerlunds Plåtslageri AB", phone="046123456", postal_address=LUND))
    await world.handle(world.became_client("a"))
    await is_under(world, replace(shipped().model, prior=-100.0, prior_of_taken=-100.0))
    await world.handle(world.confirmed_new("a"))
    assert await world.said() == [("a", "scored", "42"), ("a", "not_found")]


async def test_a_hold_ends_under_a_new_model_when_its_customer_is_somebody_elses(world):
    await world.is_listed()
    await world.handle(world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND))
    await world.handle(world.company("a", NUMBER, name="Åkerlunds Plåtslageri AB", phone="046123456", postal_address=LUND))
    await world.handle(world.company("b"), world.became_client("a"), world.became_client("b"), world.linked("b", "42"))
    await is_under(world, replace(shipped().model, prior=-100.0, prior_of_taken=-100.0))
    await world.handle(world.became_client("a"))
    said = await world.said()
    assert ("a", "scored", "42") in said
    assert said[-1] == ("a", "not_found")


async def test_models_in_memory_are_few_however_many_connections_there_are(world, monkeypatch):
    monkeypatch.setattr("matcher.score_models.MOST_KEPT", 2)
    await world.is_listed()
    for prior in (-1.0, -2.0, -3.0, -4.0):
        await is_under(world, replace(shipped().model, prior=prior))
        assert (await model_of(world)).model.prior == prior
    assert len(world.models._kept) == 2
