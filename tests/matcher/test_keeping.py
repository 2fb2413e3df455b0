"""What the slice keeps: the secret of the keyed hash over new keys, and records over new normal forms."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from matcher.keyed_hash import KeyedHash
from matcher.rereading import Rereading
from servicekit.crypto import Vault

NUMBER, OTHER = "5566778899", "5560004755"


def a_key():
    return Fernet.generate_key().decode()


async def opened(database, keys):
    hashing = KeyedHash(Vault(keys))
    await hashing.open(database)
    return hashing


async def test_a_new_key_changes_no_hash_and_the_old_one_is_needed_once(own_database, world):
    old, new = a_key(), a_key()
    first = await opened(own_database, old)
    second = await opened(own_database, f"{new},{old}")
    third = await opened(own_database, new)
    hashes = {hashing.number(world.connection_id, NUMBER) for hashing in (first, second, third)}
    assert len(hashes) == 1
    assert {hashing.key(world.connection_id, "name", "x") for hashing in (first, third)} == {
        first.key(world.connection_id, "name", "x")
    }


async def test_without_the_key_the_matcher_does_not_start_and_says_what_to_do(own_database, capsys):
    await opened(own_database, a_key())
    with pytest.raises(SystemExit):
        await opened(own_database, a_key())
    assert "put the old key behind the new one" in capsys.readouterr().err


async def test_another_slice_has_hashes_of_its_own(own_database, hashing, world):
    other = await opened(own_database, a_key())
    assert other.number(world.connection_id, NUMBER) != hashing.number(world.connection_id, NUMBER)


async def forget(world):
    """As a migration leaves the slice, and as older normal forms do."""
    for side in ("company", "customer"):
        await world.database.pool.execute(
            f"UPDATE {side}_identity SET forms_version = 0, ladder_keys = '{{}}', likeness_keys = '{{}}', digest = 0"
            " WHERE connection_id = $1",
            world.connection_id,
        )
    await world.database.pool.execute("UPDATE connection SET forms_version = 0 WHERE connection_id = $1", world.connection_id)


async def test_new_normal_forms_read_the_stored_records_again_and_decide_anew(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.company("b", OTHER))
    await world.handle(world.became_client("a"))
    await forget(world)
    await world.handle(world.became_client("b"))
    assert await world.said() == [("a", "42")]
    for _ in range(2):
        await Rereading(world.database, world.hashing, world.models).run()
        assert await world.said() == [("a", "42"), ("b", "not_found")]
    await world.handle(world.customer("43", OTHER))
    assert (await world.said())[-1] == ("b", "43")


async def test_numbers_that_were_kept_before_there_was_a_hash_still_count(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("b", OTHER), world.became_client("b"))
    for table, column in (("decision", "settled_number_key"), ("number_claim", "number_key")):
        for number in (NUMBER, OTHER):
            await world.database.pool.execute(
                f"UPDATE {table} SET {column} = $2 WHERE connection_id = $1 AND {column} = $3",
                world.connection_id,
                number,
                world.hashing.number(world.connection_id, number),
            )
    await forget(world)
    await Rereading(world.database, world.hashing, world.models).run()
    await world.handle(world.became_client("a"), world.company("c", OTHER), world.company("b", NUMBER), world.became_client("c"))
    assert await world.said() == [
        ("a", "42"),
        ("b", "not_found"),
        ("a", "42"),
        ("b", "organisation_number_changed"),
        ("c", "number_claimed"),
    ]


async def test_what_people_decided_stays_when_records_are_read_again(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"), world.linked("a", "42"))
    await forget(world)
    await Rereading(world.database, world.hashing, world.models).run()
    await world.handle(world.customer("43", NUMBER), world.became_client("a"))
    assert (await world.said())[1:] == [("a", "42"), ("a", "42")]
