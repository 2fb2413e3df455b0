"""Which modules are mutated, and by which tests their mutants must be noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FORTNOX = "services/fortnox-connector/src/fortnox_connector"
LIMEGO = "services/limego-connector/src/limego_connector"
MATCHER = "services/matcher/src/matcher"
COORDINATOR = "services/sync-coordinator/src/sync_coordinator"


@dataclass(frozen=True)
class Target:
    """Modules (globs) and the arguments of pytest that name their tests, those that fail soonest first."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def files(self, top: Path) -> Iterator[Path]:
        """The modules that are there, without the empty ones."""
        for pattern in self.modules:
            yield from sorted(path.relative_to(top) for path in top.glob(pattern) if path.stat().st_size)


TARGETS = (
    Target(
        "fortnox: responses, mapping, executor",
        tuple(f"{FORTNOX}/{name}.py" for name in ("answers", "mapping", "card", "refusals", "executor", "customer", "invoice")),
        ("tests/fortnox-connector",),
    ),
    Target(
        "limego: domain, mapping",
        (f"{LIMEGO}/domain.py", f"{LIMEGO}/mapping.py"),
        ("tests/limego-connector/test_domain.py", "tests/limego-connector"),
    ),
    Target("matcher: domain, ladder", (f"{MATCHER}/domain.py", f"{MATCHER}/linking/ladder.py"), ("tests/matcher",)),
    Target(
        "coordinator: domain, decisions, links",
        (f"{COORDINATOR}/domain/*.py", f"{COORDINATOR}/documents.py", f"{COORDINATOR}/customers.py", f"{COORDINATOR}/links.py"),
        ("tests/sync-coordinator",),
    ),
)
