"""A small OTLP/HTTP receiver: keeps spans and metrics as a real collector would get them."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


@dataclass(frozen=True)
class Span:
    """A received span; `parent` is empty for a root."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    status: str
    attributes: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Point:
    """One received value of a metric."""

    service: str
    name: str
    value: float
    attributes: dict[str, Any] = field(hash=False)


class Receiver:
    """Listens on a free loopback port while its block runs; what it got can be read afterwards."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.points: list[Point] = []
        self.bodies: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, path: str, body: bytes) -> None:
        """One export."""
        self.bodies.append(body)
        if path == "/v1/traces":
            self.spans += _spans(ExportTraceServiceRequest.FromString(body))
        elif path == "/v1/metrics":
            self.points += _points(ExportMetricsServiceRequest.FromString(body))

    def trace(self, trace: str) -> list[Span]:
        """All spans of a trace."""
        return [span for span in self.spans if span.trace == trace]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.receive(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}


def _spans(request: Any) -> list[Span]:
    return [
        Span(
            service=_attributes(resource.resource.attributes)["service.name"],
            name=span.name,
            kind=KINDS.get(span.kind, ""),
            trace=span.trace_id.hex(),
            id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            status=span.status.message,
            attributes=_attributes(span.attributes),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _points(request: Any) -> list[Point]:
    found: list[Point] = []
    for resource in request.resource_metrics:
        service = _attributes(resource.resource.attributes)["service.name"]
        for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
            data = getattr(metric, metric.WhichOneof("data"))
            for point in data.data_points:
                value = point.count if hasattr(point, "count") else point.as_double or point.as_int
                found.append(Point(service, metric.name, float(value), _attributes(point.attributes)))
    return found
