"""recordlinkage, set up as its documentation does it: blocks united over several keys, strings by Jaro-Winkler with its threshold
of 0.85, and its unsupervised classifier, ECM ("Classification algorithms"), for there are no labels to learn from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pandas
import recordlinkage
from outcome import Stopwatch, tell
from tables import read

THRESHOLD = 0.85
LEAST_PROBABILITY = 0.001
RANDOM_PAIRS, SEED = 100_000, 1
"""What the classifier is trained on besides: the guide on indexing has random pairs for models without labels."""


@dataclass(frozen=True)
class Setup:
    """Columns to block on, to compare as strings, and to compare exactly. A key of several columns blocks on all of them."""

    blocking: list[list[str]]
    strings: list[str]
    exact: list[str]


SETUPS = {
    "companies": Setup(
        blocking=[
            ["number"],
            ["name"],
            ["phone"],
            ["email"],
            ["domain"],
            ["street", "postcode"],
            ["name_head", "postcode"],
            ["name_head", "town"],
            ["street", "town"],
            ["number_head"],
            ["number_tail"],
        ],
        strings=["name", "street"],
        exact=["number", "postcode", "phone", "email", "domain"],
    ),
    "febrl": Setup(
        blocking=[
            ["given_name", "surname"],
            ["date_of_birth"],
            ["soc_sec_id"],
            ["state", "address_1"],
            ["street_number", "address_1"],
            ["postcode"],
        ],
        strings=["given_name", "surname", "address_1"],
        exact=["date_of_birth", "suburb", "state", "postcode", "soc_sec_id"],
    ),
    "rldata": Setup(
        blocking=[
            ["given_name", "surname"],
            ["date_of_birth"],
            ["surname", "year"],
            ["surname", "day"],
            ["given_name", "year"],
            ["given_name", "day"],
        ],
        strings=["given_name", "surname"],
        exact=["year", "month_of_birth", "day_of_birth"],
    ),
}


def main() -> None:
    """Links <folder>/left.csv and right.csv."""
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    left, right = read(folder / "left.csv"), read(folder / "right.csv")
    watch = Stopwatch()
    with watch.running():
        probabilities = link(_derived(left.set_index("id")), _derived(right.set_index("id")), SETUPS[kind])
    pairs = ((theirs, ours, probability) for (ours, theirs), probability in probabilities.items())
    tell(folder, "recordlinkage", pairs, watch, ("recordlinkage", "pandas"))


def _derived(frame: pandas.DataFrame) -> pandas.DataFrame:
    """With the parts of columns that keys are made of: blocks take columns only."""
    if "number" in frame:
        frame = frame.assign(name_head=frame.name.str[:5], number_head=frame.number.str[:6], number_tail=frame.number.str[5:])
    elif "date_of_birth" in frame:
        dates = frame.date_of_birth.str
        frame = frame.assign(year=dates[:4], month_of_birth=dates[4:6], day_of_birth=dates[6:], day=dates[4:])
    return frame


def link(left: pandas.DataFrame, right: pandas.DataFrame, setup: Setup) -> pandas.Series:
    """The probability of every pair, the left record first."""
    index = recordlinkage.Index()
    for columns in setup.blocking:
        index.block(columns)
    candidates = index.index(left, right)
    compare = recordlinkage.Compare()
    for column in setup.strings:
        compare.string(column, column, method="jarowinkler", threshold=THRESHOLD, label=column)
    for column in setup.exact:
        compare.exact(column, column, label=column)
    features = compare.compute(candidates, left, right)
    others = recordlinkage.index.Random(RANDOM_PAIRS, random_state=SEED).index(left, right)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(compare.compute(candidates.union(others), left, right))
    probabilities = classifier.prob(features)
    return probabilities[probabilities >= LEAST_PROBABILITY]


if __name__ == "__main__":
    main()
