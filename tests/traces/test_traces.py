"""One story, one trace: the edges between services, as a collector sees them."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import groupby

import pytest

from .receiver import Span

LIMEGO, FORTNOX, MATCHER, COORDINATOR = "limego-connector", "fortnox-connector", "matcher", "sync-coordinator"
WEBHOOK = "POST /webhooks/{token}"

# Who says what to whom. The main job makes all of these and, but for OUTCOMES, no others.
EDGES = {
    (COORDINATOR, "ConnectionChanged", FORTNOX),
    (COORDINATOR, "ConnectionChanged", LIMEGO),
    (COORDINATOR, "ConnectionChanged", MATCHER),
    (COORDINATOR, "CreateFortnoxInvoice", FORTNOX),
    (COORDINATOR, "ReadLimeGoCompany", LIMEGO),
    (FORTNOX, "SideHealthReported", COORDINATOR),
    (FORTNOX, "CustomerChanged", COORDINATOR),
    (FORTNOX, "CustomerListingCompleted", COORDINATOR),
    (LIMEGO, "SideHealthReported", COORDINATOR),
    (COORDINATOR, "SaveFortnoxCustomer", FORTNOX),
    (COORDINATOR, "SaveLimeGoCompany", LIMEGO),
    (COORDINATOR, "SaveLimeGoInvoice", LIMEGO),
    (COORDINATOR, "SaveLimeGoProduct", LIMEGO),
    (FORTNOX, "CustomerChanged", MATCHER),
    (FORTNOX, "CustomerListingCompleted", MATCHER),
    (FORTNOX, "InvoiceChanged", COORDINATOR),
    (FORTNOX, "ProductUpdated", COORDINATOR),
    (FORTNOX, "RecordSaved", COORDINATOR),
    (LIMEGO, "CompanyChanged", COORDINATOR),
    (LIMEGO, "CompanyChanged", MATCHER),
    (LIMEGO, "CompanyListingCompleted", COORDINATOR),
    (LIMEGO, "CompanyListingCompleted", MATCHER),
    (LIMEGO, "CustomerBecameClient", COORDINATOR),
    (LIMEGO, "CustomerBecameClient", MATCHER),
    (LIMEGO, "DealReopened", COORDINATOR),
    (LIMEGO, "DealReopened", MATCHER),
    (LIMEGO, "DealWon", COORDINATOR),
    (LIMEGO, "DealWon", MATCHER),
    (LIMEGO, "RecordSaved", COORDINATOR),
    (MATCHER, "CustomerMatched", COORDINATOR),
    (MATCHER, "CustomerNotFound", COORDINATOR),
    (MATCHER, "MatchReviewRequested", COORDINATOR),
}
# Whether a command is overtaken by a newer one is a matter of moments.
OUTCOMES = {(service, f"Record{how}", COORDINATOR) for service in (LIMEGO, FORTNOX) for how in ("Superseded", "Refused")}

# Where a trace may begin, if not with a request from outside: with a look of our own at the outside.
ROOTS = {
    (LIMEGO, "feed poll"),
    (LIMEGO, "deals walk"),
    (LIMEGO, "baseline walk"),
    (LIMEGO, "companies listing"),
    (LIMEGO, "companies scan"),
    (LIMEGO, "POST /v1/event/subscription"),
    (FORTNOX, "fortnox poll"),
    (FORTNOX, "health report"),
    (LIMEGO, "health report"),
}


@pytest.fixture
def spans(played) -> dict[str, Span]:
    return {span.id: span for span in played.receiver.spans}


def way_to(span: Span, spans: dict[str, Span]) -> list[Span]:
    """From the root to the span."""
    way = [span]
    while way[-1].parent:
        way.append(spans[way[-1].parent])
    return way[::-1]


def ways_to(name: str, spans: dict[str, Span]) -> list[list[Span]]:
    return [way_to(span, spans) for span in spans.values() if span.name == name]


def services_of(way: list[Span]) -> list[str]:
    return [service for service, _ in groupby(way, lambda span: span.service)]


def test_one_trace_leads_from_the_webhook_to_the_customer_and_the_invoice_in_fortnox(spans):
    customers = {way[0].trace: way for way in ways_to("POST /3/customers", spans) if way[0].name == WEBHOOK}
    invoices = {way[0].trace: way for way in ways_to("POST /3/invoices", spans) if way[0].name == WEBHOOK}
    # A company whose number is filled in is read again on the way: the same trace, by a longer way.
    direct = {trace for trace, way in customers.items() if services_of(way) == [LIMEGO, MATCHER, COORDINATOR, FORTNOX]}
    assert direct & invoices.keys(), "no trace leads straight from the webhook to a new customer and its invoice"
    for trace in direct & invoices.keys():
        assert services_of(invoices[trace]) == [LIMEGO, MATCHER, COORDINATOR, FORTNOX, COORDINATOR, FORTNOX]
        assert [span.name for span in invoices[trace][:3]] == [WEBHOOK, "hint read", "limego.company publish"]


def test_the_same_trace_leads_on_to_the_numbers_on_the_company_in_lime_go(spans):
    ways = [way for way in ways_to("SaveLimeGoCompany execute", spans) if way[0].name == WEBHOOK]
    assert any(services_of(way)[-3:] == [FORTNOX, COORDINATOR, LIMEGO] for way in ways)


@pytest.mark.parametrize("name", ["PUT /v1/erp/invoices/{documentNumber}", "PUT /v1/erp/products/{articleNumber}"])
def test_one_trace_leads_from_the_poll_to_the_write_in_lime_go(spans, name):
    ways = [way for way in ways_to(name, spans) if way[0].name == "fortnox poll"]
    assert ways
    assert all(services_of(way) == [FORTNOX, COORDINATOR, LIMEGO] for way in ways)


def test_the_edges_between_the_services_are_these_and_no_others(spans):
    found = {
        (spans[span.parent].service, span.attributes["dubbelsynk.message.type"], span.service)
        for span in spans.values()
        if span.parent and spans[span.parent].service != span.service
    }
    assert found - OUTCOMES == EDGES


def test_services_meet_only_on_topics(spans):
    for span in spans.values():
        if span.parent and spans[span.parent].service != span.service:
            assert (spans[span.parent].kind, span.kind) == ("producer", "consumer")
            assert spans[span.parent].attributes["messaging.message.id"] == span.attributes["messaging.message.id"]


def test_every_trace_begins_outside_and_no_span_lacks_its_parent(spans):
    assert not [span for span in spans.values() if span.parent and span.parent not in spans]
    roots = {(span.service, span.name) for span in spans.values() if not span.parent}
    requests = {(span.service, span.name) for span in spans.values() if not span.parent and span.kind == "server"}
    assert {(COORDINATOR, "POST /api/connections"), (LIMEGO, WEBHOOK)} <= requests
    assert roots - requests <= ROOTS


def test_no_span_has_an_id_in_its_name(spans):
    assert not [span.name for span in spans.values() if re.search(r"\d{3,}|[0-9a-f]{8}-", span.name)]


def test_nothing_failed_on_the_way(spans):
    assert {span.status for span in spans.values()} == {""}


def test_nothing_is_exported_when_no_variable_is_set():
    program = """
import threading
from opentelemetry import metrics, trace
from servicekit import telemetry
telemetry.configure("matcher")
with telemetry.span("a poll"):
    assert telemetry.current_trace() == ""
    telemetry.remote_requests.add(1)
telemetry.shut_down()
assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"
assert type(metrics.get_meter_provider()).__name__ == "_ProxyMeterProvider"
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", program], env={}, check=True)
