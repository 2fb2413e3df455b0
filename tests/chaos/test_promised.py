"""I8 can fail: each of its lines, planted in what both emulators hold, is found, and what is allowed is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from support.facts import Facts
from support.promised import GRACE, i8_as_promised

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PREFIX = "limego:bolaget:"


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def moved(kind: str, seconds: float, value: float = 1000, status: str = "ORDER") -> dict[str, Any]:
    return {"type": kind, "at": at(seconds), "deal": {"id": 7, "value": value, "status": status}}


def won(seconds: float, value: float = 1000) -> list[dict[str, Any]]:
    return [moved("DealWon", seconds, value), moved("DealStatusChange", seconds, value)]


def reopened(seconds: float) -> dict[str, Any]:
    return moved("DealStatusChange", seconds, status="Offert")


def found(
    *, events: list[dict[str, Any]], posted: float = 10, read: float | None = None, total: str = "1250.00", **more: Any
) -> list[str]:
    invoice = {"Total": total, "TotalVAT": "250.00", "RoundOff": "0", "Cancelled": False, "CreditInvoiceReference": "0"}
    sent = {"ExternalInvoiceReference1": f"{PREFIX}deal:7;", "DocumentNumber": "1"}
    records = {"invoice": {"7": {"state": more.get("state", "done"), "remote_id": "1"}}, "customer": more.get("customer", {})}
    facts = SimpleNamespace(
        connection=SimpleNamespace(prefix=PREFIX),
        events=events,
        posts=[{"route": "/3/invoices", "fields": sent, "started": at(posted)}],
        readings=[] if read is None else [{"fields": {"numbers": "6,7"}, "started": at(read), "ended": at(read + 0.1)}],
        documents={"1": {**invoice, **more.get("changed", {})}},
        records_of=lambda kind: records[kind],
        rewritten=more.get("rewritten", set()),
        links=more.get("links", []),
        companies={"c": {"id": "c", "organization_number": "556036-0793"}},
        customers={"9": {"OrganisationNumber": more.get("number", "5560360793")}},
    )
    return list(i8_as_promised(cast(Facts, facts)))


def test_a_document_of_an_older_value_is_found_unless_a_person_is_asked_or_has_ended_it() -> None:
    events = [*won(0), reopened(1), *won(2, 2000)]
    assert len(found(events=events)) == 1
    assert found(events=events, state="needs_attention") == []
    assert found(events=events, changed={"Cancelled": True}) == []
    assert found(events=events, rewritten={"1"}) == []
    assert len(found(events=events, rewritten={"2"})) == 1


@pytest.mark.parametrize("later", [[reopened(20)], [reopened(20), *won(30, 2000)]])
def test_what_happens_to_the_deal_after_the_post_is_no_matter_of_the_document(later: list[dict[str, Any]]) -> None:
    assert found(events=[*won(0), *later]) == []


def test_a_fee_counts_as_part_of_what_is_paid() -> None:
    assert len(found(events=won(0), total="1299.00")) == 1


def test_a_post_after_a_reopening_that_was_read_is_found() -> None:
    events, long_after = [*won(0), reopened(1)], 3 + GRACE.total_seconds()
    assert len(found(events=events, posted=long_after, read=2)) == 1
    assert found(events=events, posted=long_after) == []
    assert found(events=events, posted=4, read=2) == []
    assert found(events=events, posted=long_after, read=0.5) == []
    assert found(events=[*events, *won(3)], posted=long_after, read=2) == []


def test_two_numbers_of_one_company_are_found_unless_a_person_is_asked_or_has_confirmed_it() -> None:
    link = {"company_id": "c", "customer_number": "9", "confirmed_numbers": ""}
    assert found(events=won(0), links=[link]) == []
    assert len(found(events=won(0), links=[link], number="559900-1234")) == 1
    asked = {"c": {"state": "needs_attention"}}
    assert found(events=won(0), links=[link], number="559900-1234", customer=asked) == []
    assert found(events=won(0), links=[{**link, "confirmed_numbers": "559900-1234"}], number="559900-1234") == []
