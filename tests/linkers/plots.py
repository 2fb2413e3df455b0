"""Draws the plots of docs/benchmarks/matching.md from figures, the same file for the same figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from matplotlib import pyplot

LEAST = 0.9
"""Below this nobody's precision is worth showing beside the others'."""


def main() -> None:
    """plots.py <figures> <folder>."""
    pyplot.switch_backend("svg")
    pyplot.rcParams["svg.hashsalt"] = "matching"
    data, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    _precision_and_recall(data["curves"], folder / "precision-recall.svg")
    if data["reliability"]:
        _calibration(data["reliability"], folder / "calibration.svg")


def _precision_and_recall(curves: dict[str, dict[str, list[list[float]]]], path: Path) -> None:
    figure, axes = pyplot.subplots(1, len(curves), figsize=(5 * len(curves), 4), squeeze=False)
    for ax, (name, by_tool) in zip(axes[0], curves.items(), strict=True):
        for tool, points in by_tool.items():
            recall, precision = zip(*points, strict=True)
            # What has one threshold only is a point.
            ax.plot(recall, precision, label=tool, marker="o" if len(set(recall)) == 1 else None)
        ax.set(title=name, xlabel="recall", ylabel="precision", ylim=(LEAST, 1.002), xlim=(0.5, 1.005))
        ax.grid(alpha=0.3)
    axes[0][0].legend(loc="lower left")
    _save(figure, path)


def _calibration(reliability: dict[str, list[list[float]]], path: Path) -> None:
    figure, ax = pyplot.subplots(figsize=(5, 5))
    ax.plot((0, 1), (0, 1), color="grey", linestyle="--", label="as said")
    for tool, bins in reliability.items():
        _, said, right = zip(*bins, strict=True)
        ax.plot(said, right, marker="o", label=tool)
    ax.set(title="dirty registers", xlabel="probability said", ylabel="share that is right")
    ax.grid(alpha=0.3)
    ax.legend(loc="upper left")
    _save(figure, path)


def _save(figure: pyplot.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
