"""Traces and metrics by OpenTelemetry: exported by the standard variables, nothing when none of them is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

_PROPAGATOR = TraceContextTextMapPropagator()
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

tracer = trace.get_tracer("dubbelsynk")
meter = metrics.get_meter("dubbelsynk")

remote_requests = meter.create_counter("dubbelsynk.remote.requests", unit="{request}", description="Requests to a remote API")
remote_duration = meter.create_histogram("dubbelsynk.remote.duration", unit="s", description="How long a remote API took")
budget_left = meter.create_gauge("dubbelsynk.budget.left", unit="{request}", description="Requests left in the window")
lane_depth = meter.create_gauge("dubbelsynk.lane.depth", unit="{command}", description="Queued commands")
lease_age = meter.create_gauge("dubbelsynk.lane.lease_age", unit="s", description="Since the leases were renewed last")
poll_age = meter.create_gauge(
    "dubbelsynk.poll.age", unit="s", description="Since a reading was last completed, of the worst connection"
)
write_age = meter.create_gauge("dubbelsynk.write.age", unit="s", description="Since a write was last stored, of any connection")
waiting_age = meter.create_gauge(
    "dubbelsynk.lane.waiting_age", unit="s", description="Age of the oldest command without an outcome"
)
restarts = meter.create_counter("dubbelsynk.restarts", unit="{restart}", description="Loops that failed or stood still, by name")
outbox_age = meter.create_gauge("dubbelsynk.outbox.age", unit="s", description="Age of the oldest unsent outbox row")
sent_age = meter.create_gauge("dubbelsynk.outbox.sent_age", unit="s", description="Since a message last left the outbox")
dead_letters = meter.create_gauge("dubbelsynk.dead_letters", unit="{message}", description="Dead letters that nobody retried")
unreadable_records = meter.create_counter(
    "dubbelsynk.records.unreadable", unit="{record}", description="Records of a remote that were left out of a poll"
)
consumer_lag = meter.create_gauge("dubbelsynk.consumer.lag", unit="{message}", description="Messages not yet handled")


def configure(service_name: str) -> None:
    """Sets the providers up when OTLP's variables name an endpoint; else spans and metrics cost next to nothing."""
    if not any(os.environ.get(f"OTEL_EXPORTER_OTLP{signal}_ENDPOINT") for signal in ("", "_TRACES", "_METRICS")):
        return
    resource = Resource.create({"service.name": service_name, "service.namespace": "dubbelsynk"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    # The SDK's default buckets are for milliseconds.
    seconds = View(instrument_unit="s", aggregation=ExplicitBucketHistogramAggregation(_SECONDS))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader], views=[seconds]))


def shut_down() -> None:
    """Sends what is still buffered."""
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        close = getattr(provider, "shutdown", None)
        if close is not None:
            close()


def current_trace() -> str:
    """The current span as a `traceparent`, to be stored with what it causes; empty when there is none."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, *, parent: str = "", attributes: dict[str, AttributeValue] | None = None
) -> Iterator[Span]:
    """A span under the current one, or under the stored `traceparent` of `parent`. Of an error it keeps the type only."""
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
    # The SDK would record the error's text, which may quote data.
    with tracer.start_as_current_span(
        name, context, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def start_span(name: str, kind: SpanKind, *, parent: str, attributes: dict[str, AttributeValue]) -> tuple[Span, str]:
    """A span that is not the current one, and its `traceparent`: a batch has one for each of its messages."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        # Nothing is exported here; the cause's trace is passed on as it came, for those that do export.
        return trace.INVALID_SPAN, parent
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
    started = tracer.start_span(name, context, kind, attributes)
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(started))
    return started, carrier.get("traceparent", "")
