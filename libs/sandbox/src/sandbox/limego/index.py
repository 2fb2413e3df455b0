"""Lists and searches over one kind of record, as late as the search index of the real thing may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Id = TypeVar("Id", str, int)


@dataclass
class _Entry:
    text: str
    since: float
    before: str | None

    def visible(self, then: float) -> str | None:
        return self.text if self.since <= then else self.before


class Index(Generic[Id]):
    """The searchable text of each record, with the text that went before while the new one has not settled. The text's
    first line is the record's name. `then` is the newest instant that a search knows of."""

    def __init__(self) -> None:
        self._entries: dict[Id, _Entry] = {}

    def put(self, record_id: Id, text: str, now: float, lag: float, *, moves: bool) -> None:
        """Notes a new or changed record; `moves` puts it last in the order of lists."""
        old = self._entries.get(record_id)
        before = old.visible(now - lag) if old else None
        if moves:
            self._entries.pop(record_id, None)
        self._entries[record_id] = _Entry(text.casefold(), now, before)

    def put_settled(self, record_id: Id, text: str) -> None:
        """Notes a record that has been there for long."""
        self._entries[record_id] = _Entry(text.casefold(), float("-inf"), None)

    def remove(self, record_id: Id) -> None:
        """Forgets a record, at once: a list that still had it would have nothing to show."""
        self._entries.pop(record_id, None)

    def ids(self) -> list[Id]:
        """All records in the order of lists."""
        return list(self._entries)

    def arrange(self, ids: list[Id]) -> None:
        """Puts these records last, in this order."""
        for record_id in ids:
            self._entries[record_id] = self._entries.pop(record_id)

    def search(self, query: str | None, then: float, *, names_only: bool = False) -> Iterator[Id]:
        """The ids whose visible text (or its first line) holds every word of the query, in the order of lists."""
        words = (query or "").casefold().split()
        for record_id, entry in self._entries.items():
            text = entry.visible(then)
            if text is None:
                continue
            if words and names_only:
                text = text.partition("\n")[0]
            if all(word in text for word in words):
                yield record_id
