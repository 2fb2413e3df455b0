"""`python -m contracts [FOLDER]`: writes the message schemas, docs/events.md and docs/asyncapi.json from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from contracts.catalogue import asyncapi, events_markdown, schemas


def main() -> None:
    """Writes everything that is generated, below the folder (the repository's top by default)."""
    top = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    snapshots = top / "libs/contracts/schemas"
    snapshots.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (snapshots / f"{name}.json").write_text(_text(schema))
    docs = top / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "events.md").write_text(events_markdown())
    (docs / "asyncapi.json").write_text(_text(asyncapi()))


def _text(document: object) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
