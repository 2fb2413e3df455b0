"""Figures for people, as a table, and for machines, in build/reports/."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

REPORTS = Path("build/reports")
console = Console(highlight=False, soft_wrap=True, width=150)


@dataclass(frozen=True)
class Figure:
    """One measured value with its goal."""

    name: str
    value: float | str
    unit: str
    goal: str
    holds: bool


def write(name: str, figures: Sequence[Figure]) -> None:
    """build/reports/<name>.json, and the table."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{name}.json"
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False) + "\n")
    table = Table(title=str(path))
    for column in ("name", "value", "unit", "goal", "holds"):
        table.add_column(column)
    for figure in figures:
        value = f"{figure.value:g}" if isinstance(figure.value, int | float) else figure.value
        table.add_row(figure.name, value, figure.unit, figure.goal, "yes" if figure.holds else "NO")
    console.print(table)
