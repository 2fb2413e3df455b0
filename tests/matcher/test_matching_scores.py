"""The arithmetic that the matching's figures rest on, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.matching import scores

TRUTH = {"1": "a", "2": "b", "3": "c", "4": "d"}


def test_every_customer_keeps_its_best_company_and_a_company_its_best_customer_where_the_truth_is_one_to_one():
    pairs = [("1", "a", 0.9), ("1", "b", 0.95), ("2", "b", 0.97), ("2", "a", 0.1), ("3", "b", 0.5)]
    assert scores.finished(pairs, one_to_one=False) == [("2", "b", 0.97), ("1", "b", 0.95), ("3", "b", 0.5)]
    assert scores.finished(pairs, one_to_one=True) == [("2", "b", 0.97), ("1", "a", 0.9)]


def test_precision_recall_and_f1_from_a_probability_on():
    pairs = [("1", "a", 0.9), ("2", "b", 0.8), ("3", "x", 0.7), ("4", "d", 0.2)]
    found = scores.at(pairs, TRUTH, 0.5)
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 0.5)
    assert found.f1 == pytest.approx(4 / 7)
    assert scores.at(pairs, TRUTH, 0.95) == scores.Quality(1.0, 0.0)


def test_the_curve_has_a_point_per_probability_and_the_best_f1_is_its_highest():
    pairs = [("1", "a", 0.9), ("2", "b", 0.8), ("3", "x", 0.8), ("4", "d", 0.2)]
    assert [(least, quality.precision, quality.recall) for least, quality in scores.curve(pairs, TRUTH)] == [
        (0.9, 1.0, 0.25),
        (0.8, pytest.approx(2 / 3), 0.5),
        (0.2, 0.75, 0.75),
    ]
    assert scores.best_f1(pairs, TRUTH) == 0.75
    assert scores.best_f1([], TRUTH) == 0.0


def test_the_calibration_error_is_the_mean_distance_between_said_and_right():
    pairs = [("1", "a", 0.95), ("2", "x", 0.95), ("3", "x", 0.1), ("4", "d", 1.0)]
    bins = scores.reliability(pairs, TRUTH)
    assert [(bin_.pairs, bin_.said, bin_.right) for bin_ in bins] == [
        (1, 0.1, 0.0),
        (3, pytest.approx(2.9 / 3), pytest.approx(2 / 3)),
    ]
    assert scores.calibration_error(bins) == pytest.approx((0.1 + 3 * 0.3) / 4)
    assert scores.calibration_error([]) == 0.0


def test_the_interval_is_students_t_over_paired_differences():
    found = scores.interval([0.01, 0.02, 0.03])
    assert found.mean == pytest.approx(0.02)
    assert found.high - found.mean == pytest.approx(4.303 * 0.01 / 3**0.5)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)
    assert scores.interval([0.5]) == scores.Interval(0.5, 0.5, 0.5)
