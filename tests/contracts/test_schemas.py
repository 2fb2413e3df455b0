"""Messages change additively, and what is generated from them is up to date."""

import json
from pathlib import Path

import pytest

from contracts.catalogue import asyncapi, events_markdown, incompatibilities, schemas
from contracts.registry import MESSAGES, TYPES
from contracts.topics import PARTITIONS

TOP = Path(__file__).parents[2]
SNAPSHOTS = TOP / "libs/contracts/schemas"


@pytest.mark.parametrize("name", sorted(TYPES))
def test_no_field_of_a_committed_schema_is_removed_or_retyped(name):
    committed = json.loads((SNAPSHOTS / f"{name}.json").read_text())
    assert incompatibilities(committed, schemas()[name]) == []


def test_no_committed_message_type_is_gone():
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} <= set(TYPES)


def test_a_removed_a_retyped_and_a_nested_change_are_found():
    old = schemas()["InvoiceChanged"]
    new = json.loads(json.dumps(old))
    del new["properties"]["version"]
    new["properties"]["connection_id"]["type"] = "integer"
    del new["$defs"]["Invoice"]["properties"]["balance"]
    assert incompatibilities(old, new) == ["connection_id: retyped", "version: removed", "Invoice.balance: removed"]


def test_the_generated_documents_are_up_to_date_so_run_make_docs_otherwise():
    assert (TOP / "docs/events.md").read_text() == events_markdown()
    assert json.loads((TOP / "docs/asyncapi.json").read_text()) == json.loads(json.dumps(asyncapi()))


def test_every_topic_has_partitions_and_every_message_a_topic():
    assert set(PARTITIONS) == set(MESSAGES)
