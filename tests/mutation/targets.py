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
    needs_servers: bool = False

    def files(self, top: Path) -> Iterator[Path]:
        """The modules that are there, without the empty ones. FileNotFoundError for a name that is none any longer."""
        for pattern in self.modules:
            found = sorted(path.relative_to(top) for path in top.glob(pattern) if path.stat().st_size)
            if not found:
                raise FileNotFoundError(f"tests/mutation/targets.py names {pattern}, and there is no such module")
            yield from found


def _in(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names)


PURE = ("-k", "not financial_year")
"""Leaves out the one test of a file of rules that needs the services."""
TARGETS = (
    Target(
        "fortnox: answers, refusals",
        _in(FORTNOX, "answers", "refusals"),
        (*_in("tests/fortnox-connector", "test_answers", "test_refusal_reasons"), *PURE),
    ),
    Target(
        "fortnox: mapping, card, payloads",
        _in(FORTNOX, "card", "mapping", "payloads"),
        (*_in("tests/fortnox-connector", "test_documents", "test_card", "test_mapping"), *PURE),
    ),
    Target(
        "fortnox: executor, customer, invoice",
        _in(FORTNOX, "executor", "customer", "invoice", "lookup", "write_offs"),
        _in(
            "tests/fortnox-connector",
            *(
                "test_creating_one_thing",
                "test_withdrawing",
                "test_refusals",
                "test_customer_card",
                "test_lookup",
                "test_settling",
            ),
        ),
        needs_servers=True,
    ),
    Target(
        "limego: domain, mapping, responses",
        _in(LIMEGO, "domain", "mapping", "payloads", "responses"),
        _in("tests/limego-connector", "test_domain", "test_mapping", "test_responses"),
    ),
    Target(
        "limego: executor",
        _in(LIMEGO, "executor"),
        _in("tests/limego-connector", "test_writing", "test_reporting", "test_removed_companies"),
        needs_servers=True,
    ),
    Target(
        "matcher: domain, ladder",
        (*_in(MATCHER, "domain"), *_in(f"{MATCHER}/linking", "ladder")),
        (
            *_in("tests/matcher", "test_domain", "test_ladder"),
            "tests/matcher/test_linking_properties.py::test_a_new_customer_is_judged_live_as_in_the_batch",
        ),
    ),
    Target(
        "coordinator: domain",
        (f"{COORDINATOR}/domain/*.py",),
        _in("tests/sync-coordinator", "test_rules", "test_domain", "test_payment"),
    ),
    Target(
        "coordinator: customers, documents, links",
        _in(COORDINATOR, "customers", "documents", "linking"),
        _in(
            "tests/sync-coordinator",
            *("test_main_job", "test_links", "test_newest_decision", "test_attention", "test_places", "test_differences"),
            *("test_confirmed_new", "test_pauses", "test_unreadable", "test_taken_back", "test_doubles", "test_first_cause"),
            *("test_releasing", "test_loops", "test_refused_alike", "test_numbers_of_links", "test_web"),
        ),
        needs_servers=True,
    ),
)
