"""The small parts: settings, fault points, secrets, envelopes, the unit of work, and what a log may quote."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel, Field

from servicekit import envelope, fault_points, logs
from servicekit.crypto import Vault
from servicekit.durations import Durations
from servicekit.errors import PermanentError
from servicekit.lanes import Runner
from servicekit.logs import Formatter
from servicekit.settings import ServiceSettings


class Settings(ServiceSettings):
    poll_interval_seconds: float = Field(60.0, validation_alias="SOME_SERVICE_POLL_INTERVAL_SECONDS", gt=0)


GOOD = {"DATABASE_URL": "postgres://somewhere", "KAFKA_BOOTSTRAP_SERVERS": "somewhere:9092"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"KAFKA_BOOTSTRAP_SERVERS": None}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"HTTP_PORT": "many"}, "HTTP_PORT"),
        ({"HTTP_PORT": "70000"}, "HTTP_PORT"),
        ({"TIME_SCALE": "0.5"}, "TIME_SCALE"),
        ({"SOME_SERVICE_POLL_INTERVAL_SECONDS": "-1"}, "SOME_SERVICE_POLL_INTERVAL_SECONDS"),
    ],
)
def test_a_missing_or_wrong_variable_ends_the_start_with_one_line_that_names_it(monkeypatch, capsys, changed, named):
    for name, value in (GOOD | changed).items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        Settings.load()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f" {named}: " in line
    assert "postgres://" not in line


@pytest.mark.parametrize("package", ["limego_connector", "fortnox_connector", "matcher", "sync_coordinator"])
def test_a_service_without_environment_says_in_one_line_what_it_lacks(package):
    ended = subprocess.run([sys.executable, "-m", package, "serve"], env={}, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr
    [line] = ended.stderr.splitlines()
    assert {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"} <= {word.strip(":;") for word in line.split()}


def test_settings_do_not_show_the_database_password(monkeypatch):
    for name, value in (GOOD | {"DATABASE_URL": "postgres://me:hidden@somewhere"}).items():
        monkeypatch.setenv(name, value)
    assert "hidden" not in repr(Settings.load())


@pytest.fixture
def points():
    yield fault_points
    fault_points.configure("")


def test_fault_points_do_nothing_until_they_are_named(points, monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number.name)))
    points.fault_point("a")
    points.configure("a:kill@3, b:freeze, look:off")
    for _ in range(5):
        points.fault_point("a")
        points.fault_point("look")
    assert sent == [(os.getpid(), "SIGKILL")]
    points.fault_point("b")
    assert sent[1:] == [(os.getpid(), "SIGSTOP")]
    assert not points.is_guard_on("look")
    assert points.is_guard_on("settle_time")
    points.configure("")
    assert points.is_guard_on("look")


def test_a_fault_point_kills_the_process(points):
    program = "from servicekit.fault_points import fault_point; fault_point('x'); fault_point('x'); print('alive')"
    ended = subprocess.run([sys.executable, "-c", program], env={"FAULT_POINTS": "x:kill@2"}, capture_output=True)
    assert (ended.returncode, ended.stdout) == (-9, b"")


def test_an_unknown_action_is_refused(points, capsys):
    with pytest.raises(SystemExit, match="2"):
        points.configure("a:explode")
    assert "FAULT_POINTS: a:explode" in capsys.readouterr().err


def test_an_unknown_log_level_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("LOG_LEVEL", "chatty")
    with pytest.raises(SystemExit, match="2"):
        logs.configure()
    assert "LOG_LEVEL" in capsys.readouterr().err


def test_a_vault_opens_with_the_old_key_and_seals_with_the_new_one():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault(old).seal("hemligt")
    both = Vault(f"{new}, {old}")
    assert b"hemligt" not in sealed
    assert both.open(sealed) == "hemligt"
    assert Vault(new).open(both.seal("hemligt")) == "hemligt"
    with pytest.raises(PermanentError) as closed:
        Vault(new).open(sealed)
    assert closed.value.reason == "secret_unreadable"


@pytest.mark.parametrize("keys", ["short", "x" * 44, ""])
def test_a_key_that_is_none_ends_the_start(keys, capsys):
    with pytest.raises(SystemExit, match="2"):
        Vault(keys)
    assert "ENCRYPTION_KEY" in capsys.readouterr().err


def test_a_message_comes_out_of_its_envelope_as_it_went_in(slice_):
    message, message_id = slice_.happened(7), uuid4()
    head = dict(envelope.headers(message_id, "Happened", message.key, "/dubbelsynk/test", "00-a-b-01"))
    texts = {name: value.decode() for name, value in head.items()}
    assert envelope.decode(texts, message.model_dump_json().encode()) == (message_id, message)
    assert texts["ce_connectionid"] == str(message.connection_id)
    assert (texts["ce_subject"], texts["ce_source"], texts["traceparent"]) == ("a", "/dubbelsynk/test", "00-a-b-01")


@pytest.mark.parametrize(
    ("head", "body", "reason", "detail"),
    [
        ({}, b"{}", "unknown_message_type", ""),
        ({"ce_type": "Nobody"}, b"{}", "unknown_message_type", "Nobody"),
        ({"ce_type": "Happened"}, b"{}", "unknown_message_version", "Happened None"),
        ({"ce_type": "Happened", "ce_dataversion": "2"}, b"{}", "unknown_message_version", "Happened 2"),
        ({"ce_type": "Happened", "ce_dataversion": "1", "ce_id": "7"}, b"{}", "unreadable_id", "Happened"),
        ({"ce_type": "Happened", "ce_dataversion": "1", "ce_id": str(uuid4())}, b"{", "unreadable_body", "Happened: body"),
        (
            {"ce_type": "Happened", "ce_dataversion": "1", "ce_id": str(uuid4())},
            b'{"number": "AB 1", "where": "x", "record": "y"}',
            "unreadable_body",
            "Happened: connection_id, number",
        ),
    ],
)
def test_what_cannot_be_decoded_is_named_without_its_content(head, body, reason, detail):
    with pytest.raises(PermanentError) as refused:
        envelope.decode(head, body)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


async def test_a_unit_that_fails_leaves_neither_state_nor_messages(slice_):
    async def fail():
        async with slice_.database.unit_of_work() as unit:
            await unit.connection.execute("INSERT INTO noted VALUES (1)")
            unit.publish(slice_.happened(1), trace="")
            await unit.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await slice_.noted() == []
    assert await slice_.database.pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_unit_stores_its_messages_in_the_order_of_the_calls(slice_):
    await slice_.publish(*(slice_.happened(number) for number in (3, 1, 2)))
    rows = await slice_.database.pool.fetch("SELECT (body::json ->> 'number')::int AS number FROM outbox ORDER BY outbox_id")
    assert [row["number"] for row in rows] == [3, 1, 2]


async def test_a_message_that_kafka_would_refuse_is_refused_before_it_is_stored(slice_):
    with pytest.raises(PermanentError, match="message_too_large"):
        async with slice_.database.unit_of_work() as unit:
            unit.publish(slice_.happened(1).model_copy(update={"record": "ö" * 500_000}), trace="")


async def test_who_is_frozen_in_a_transaction_does_not_keep_its_locks(slice_):
    setting = await slice_.database.pool.fetchval("SHOW idle_in_transaction_session_timeout")
    assert setting == "15s"


class Company(BaseModel):
    number: int


def test_a_traceback_in_the_log_quotes_our_own_errors_and_no_data():
    def fail():
        try:
            Company(number="Hemliga Bolaget AB")
        except ValueError as error:
            raise ExceptionGroup("Hemliga", [error, PermanentError("not_permitted")]) from error

    try:
        fail()
    except ExceptionGroup:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "it failed", (), sys.exc_info())
    text = Formatter("%(message)s").format(record)
    assert "Hemliga" not in text.replace('Company(number="Hemliga Bolaget AB")', "").replace('"Hemliga"', "")
    assert "ValidationError" in text
    assert "PermanentError: not_permitted" in text
    assert "in fail" in text


def test_the_pause_before_the_next_try_doubles_up_to_the_longest():
    runner = Runner(None, None, Durations(retry_first=1.0, retry_longest=60.0))

    def pauses(attempts):
        stored = type("Stored", (), {"attempts": attempts})
        return [runner._backoff(stored) for _ in range(50)]

    for attempts, longest in ((0, 1), (1, 2), (3, 8), (6, 60), (500, 60), (5000, 60)):
        assert all(longest / 2 <= pause <= longest for pause in pauses(attempts))
