"""What one connection to the event stream listens to: its commands, tenants and topics (reference 6.1)."""

from collections.abc import Callable
from typing import Any, TypeGuard

from sandbox.fortnox.eventlog import Event
from sandbox.fortnox.tokens import Access
from sandbox.fortnox.topics import TOPICS, scope
from sandbox.fortnox.world import Fortnox

COMMANDS = ("add-tenants-v1", "remove-tenants-v1", "list-tenants-v1", "add-topics-v1", "subscribe-v1")
Body = dict[str, Any]


class Subscription:
    """Tenants, then topics, then the start. `client` is the app whose secret was given, None before that."""

    def __init__(self, fortnox: Fortnox) -> None:
        self._fortnox = fortnox
        self._positions: dict[str, int | None] = {}
        self.client: str | None = None
        self.tenants: dict[str, Access] = {}
        self.is_started = False

    def answer(self, name: str, body: Body) -> Body:
        """Carries out one command. A subscription starts by `start`, when its answer has gone."""
        works: tuple[Callable[[Body], Body | None], ...] = (
            self._add_tenants, self._remove_tenants, self._list_tenants, self._add_topics, self._subscribe,
        )  # fmt: skip
        command = dict(zip(COMMANDS, works, strict=True)).get(name)
        found = command(body) if command else None
        return {"response": name, **({"result": "error"} if found is None else {"result": "ok", **found})}

    def start(self) -> None:
        """Begins to listen."""
        self.is_started = True

    def topics(self) -> list[str]:
        """The topics to send, in the order in which they were added; none before the start."""
        return list(self._positions) if self.is_started else []

    def position(self, topic: str) -> int:
        """The position after which the topic goes on."""
        return self._positions[topic] or 0

    def move(self, topic: str, position: int) -> None:
        """Notes that the topic was read up to a position."""
        self._positions[topic] = position

    def hears(self, topic: str, event: Event) -> bool:
        """Whether the event's tenant is on this connection and its token still good for it. A token that has run out
        ends its tenant's events without a word, and they are passed over for good."""
        access, switches = self.tenants.get(event.tenant), self._fortnox.switches
        if access is None:
            return False
        if switches.stream_expiry_ends and access.expires <= self._fortnox.clock.now().timestamp():
            return False
        needed = scope(topic, event.type)
        return not switches.stream_needs_scope or needed is None or needed in access.scopes

    def state(self) -> Body:
        """The subscription as control shows it; a topic's offset is the last one read."""
        events = self._fortnox.events
        return {
            "client": self.client,
            "tenants": [int(tenant) for tenant in self.tenants],
            "topics": {topic: events.offset(topic, at) if at else None for topic, at in self._positions.items()},
            "subscribed": self.is_started,
        }

    def _add_tenants(self, body: Body) -> Body | None:
        tokens, secret = body.get("accessTokens"), body.get("clientSecret")
        if not isinstance(secret, str) or not _texts(tokens) or not isinstance(body.get("includeChildTenants", False), bool):
            return None
        read = {token: self._access(token, secret) for token in tokens}
        good = {token: access for token, access in read.items() if access is not None}
        limit, tenants = self._fortnox.switches.stream_tenants, set(self.tenants)
        for token, access in list(good.items()):
            tenants.add(access.tenant)
            if limit is not None and len(tenants) > limit:
                tenants.discard(access.tenant)
                del good[token]
        invalid = [token for token in read if token not in good]
        if not invalid or self._fortnox.switches.stream_partial:
            for access in good.values():
                self.client = access.client
                self.tenants[access.tenant] = access
        if invalid:
            return {"result": "error", "invalidTokens": invalid}
        return {"tenantIds": {token: int(access.tenant) for token, access in good.items()}}

    def _access(self, token: str, secret: str) -> Access | None:
        """What a token gives to the app with this secret. One connection belongs to one app."""
        access = self._fortnox.tokens.read(token.removeprefix("Bearer "))
        if access is None or access.tenant not in self._fortnox.companies:
            return None
        if self._fortnox.apps[access.client].secret != secret or self.client not in (None, access.client):
            return None
        return access

    def _remove_tenants(self, body: Body) -> Body | None:
        tenants = body.get("tenants")
        if not isinstance(tenants, list) or not {str(tenant) for tenant in tenants} <= set(self.tenants):
            return None
        for tenant in tenants:
            self.tenants.pop(str(tenant), None)
        return {}

    def _list_tenants(self, body: Body) -> Body:
        return {"tenantIds": [int(tenant) for tenant in self.tenants]}

    def _add_topics(self, body: Body) -> Body | None:
        topics, switches = body.get("topics"), self._fortnox.switches
        if not isinstance(topics, list) or not topics or not self.tenants:
            return None
        if self.is_started and not switches.stream_topics_later:
            return None
        read = [(_topic(one), self._position(one)) for one in topics]
        good = {topic: position for topic, position in read if topic in TOPICS and position != -1}
        invalid = [topic for topic, _ in read if topic not in good]
        if not invalid or switches.stream_partial:
            self._positions.update(good)
        if self.is_started:
            self._settle()
        return {"result": "error", "invalidTopics": invalid} if invalid else {}

    def _position(self, topic: Any) -> int | None:
        """Where a topic begins; None is the present, -1 an offset that is refused."""
        if not isinstance(topic, dict) or topic.get("topic") not in TOPICS:
            return -1
        offset = topic.get("offset")
        if offset is None:
            return None
        position = self._fortnox.events.position(topic["topic"], offset) if isinstance(offset, str) else None
        if position is None:
            return -1 if self._fortnox.switches.stream_unknown_offset_refused else 0
        return position

    def _subscribe(self, body: Body) -> Body | None:
        if not self.tenants or not self._positions or self.is_started:
            return None
        self._settle()
        return {}

    def _settle(self) -> None:
        """Lets topics without an offset begin here: what happened between their command and the start is not sent."""
        end = self._fortnox.events.end
        self._positions = {topic: end(topic) if at is None else at for topic, at in self._positions.items()}


def _texts(values: object) -> TypeGuard[list[str]]:
    return isinstance(values, list) and bool(values) and all(isinstance(value, str) for value in values)


def _topic(topic: Any) -> str:
    """The topic's name as it is answered, also of an entry that is not an object."""
    return str(topic.get("topic") if isinstance(topic, dict) else topic)
