"""What a test may do to the event stream from outside: `/control/fortnox/stream`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control_route import ControlError, asked, route
from sandbox.fortnox.eventlog import FIELDS
from sandbox.fortnox.stream import Stream
from sandbox.fortnox.topics import TOPICS


def stream_routes(stream: Stream) -> list[Route]:
    """The routes, which stand before control's own."""
    control = StreamControl(stream)
    return [
        route("/control/fortnox/stream", control.show, "GET"),
        route("/control/fortnox/stream/events", control.add, "POST"),
        route("/control/fortnox/stream/connections", control.cut, "DELETE"),
    ]


class StreamControl:
    """The log of events, the open connections, and the means to disturb both."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def show(self, request: Request) -> Response:
        """GET ?topic=…&tenant=…: the kept events, oldest first within a topic, and the connections."""
        topic, tenant = request.query_params.get("topic"), request.query_params.get("tenant")
        topics = self._stream.fortnox.events.state()["topics"]
        events = [event for name, kept in topics.items() if topic in (None, name) for event in kept["events"]]
        wanted = [event for event in events if tenant in (None, str(event["tenantId"]))]
        return JSONResponse({"events": wanted, "connections": [one.state() for one in self._stream.connections]})

    async def add(self, request: Request) -> Response:
        """POST {"topic", "type", "tenant", "entity", "extra"?}: an event for which the emulator has no resource, or of a
        type that nobody knows."""
        body = await asked(request)
        topic, tenant, extra = str(body.get("topic")), str(body.get("tenant", "")), body.get("extra", {})
        texts = (body.get("type"), body.get("entity"))
        if topic not in TOPICS or tenant not in self._stream.fortnox.companies:
            raise ControlError("an event has a known topic and a tenant that exists")
        if not isinstance(extra, dict) or FIELDS & set(extra):
            raise ControlError("extra holds fields that an event does not have")
        if not all(isinstance(text, str) and text for text in texts):
            raise ControlError("an event has a type and an entity as texts")
        log = self._stream.fortnox.events
        event = log.add(topic, body["type"], tenant, body["entity"], extra)
        return JSONResponse(log.wire(topic, event) if event else {}, 201)

    async def cut(self, request: Request) -> Response:
        """DELETE ?tenant=…: cuts the connections, or those that carry the tenant, without a close frame."""
        return JSONResponse({"cut": self._stream.cut(request.query_params.get("tenant"))})
