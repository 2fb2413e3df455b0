"""Splink on DuckDB, set up as its documentation does it.

Persons: the example "Linking the febrl4 datasets", its detailed model, unchanged but for the amount of pairs that u is estimated
from, which the example itself calls small. Companies and RLdata: the same steps with the library's own comparisons; columns that
depend on others are left out, and pairs block on every field, as the guides on comparisons and blocking advise.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from outcome import Stopwatch, tell
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from tables import read

U_PAIRS = 1e7
LEAST_PROBABILITY = 0.001
SEED = 1


@dataclass(frozen=True)
class Setup:
    """What the documentation lets one choose. `sure` are rules that only matches obey, and `recall` the share that do."""

    comparisons: list[Any]
    blocking: list[Any]
    sure: list[Any]
    recall: float
    training: list[Any]


def company_setup() -> Setup:
    """Companies in the matcher's own normal forms."""
    mail = cl.CustomComparison(
        output_column_name="mail",
        comparison_levels=[
            cll.And(cll.NullLevel("email"), cll.NullLevel("domain")),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.ExactMatchLevel("domain", term_frequency_adjustments=True),
            cll.ElseLevel(),
        ],
    )
    return Setup(
        comparisons=[
            cl.NameComparison("name"),
            cl.LevenshteinAtThresholds("number", [1, 2]),
            cl.JaroWinklerAtThresholds("street", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            mail,
        ],
        blocking=[
            block_on("number"),
            block_on("name"),
            block_on("phone"),
            block_on("email"),
            block_on("domain"),
            block_on("street", "postcode"),
            block_on("substr(name, 1, 5)", "postcode"),
            block_on("substr(name, 1, 5)", "town"),
            block_on("street", "town"),
            block_on("substr(number, 1, 6)"),
            block_on("substr(number, 6, 5)"),
        ],
        sure=[block_on("number"), block_on("name", "postcode")],
        recall=0.9,
        training=[block_on("name"), block_on("street", "postcode")],
    )


def febrl() -> Setup:
    """The documentation's detailed model for febrl4."""
    return Setup(
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocking=[
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        sure=[block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")],
        recall=0.8,
        training=[block_on("date_of_birth"), block_on("postcode")],
    )


def rldata() -> Setup:
    """Names and a date of birth, nothing else."""
    return Setup(
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True),
        ],
        blocking=[
            block_on("given_name", "surname"),
            block_on("date_of_birth"),
            block_on("surname", "substr(date_of_birth, 1, 4)"),
            block_on("surname", "substr(date_of_birth, 5, 4)"),
            block_on("given_name", "substr(date_of_birth, 1, 4)"),
            block_on("given_name", "substr(date_of_birth, 5, 4)"),
        ],
        sure=[block_on("surname", "date_of_birth"), block_on("given_name", "date_of_birth")],
        recall=0.7,
        training=[block_on("date_of_birth"), block_on("given_name", "surname")],
    )


SETUPS = {"companies": company_setup, "febrl": febrl, "rldata": rldata}


def main() -> None:
    """Links <folder>/left.csv and right.csv."""
    folder, setup = Path(sys.argv[1]), SETUPS[sys.argv[2]]()
    logging.getLogger("splink").setLevel(logging.ERROR)
    left, right = read(folder / "left.csv"), read(folder / "right.csv")
    watch = Stopwatch()
    with watch.running():
        found = link(left, right, setup)
    pairs = found[["id_r", "id_l", "match_probability"]].itertuples(index=False, name=None)
    tell(folder, "splink", pairs, watch, ("splink", "duckdb"))


def link(left: pandas.DataFrame, right: pandas.DataFrame, setup: Setup) -> pandas.DataFrame:
    """The pairs with their probabilities."""
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=setup.blocking,
        comparisons=setup.comparisons,
        retain_matching_columns=False,
    )
    database = DuckDBAPI()
    tables = [
        database.register(left, dataset_display_name="companies"),
        database.register(right, dataset_display_name="customers"),
    ]
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match(setup.sure, recall=setup.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
    for rule in setup.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    return linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY).as_pandas_dataframe()


if __name__ == "__main__":
    main()
