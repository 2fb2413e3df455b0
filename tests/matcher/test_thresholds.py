"""From which odds the score may link: the bound by hand, and that what chooses does not prove."""

from __future__ import annotations

import pytest

from matcher.evaluation import told_of_thresholds
from matcher.measures import Tally, upper_bound
from matcher.records import Judgement, Outcome, Rung
from matcher.thresholds import ScoreLink, choose, least_odds, links_needed, score_links, tally


def linked(number: int, odds: float, company: str = "right") -> Judgement:
    return Judgement(str(number), Outcome.LINKED, company, Rung.SCORE, odds)


def truth_of(judgements: list[Judgement]) -> dict[str, str]:
    return {judgement.customer_number: "right" for judgement in judgements}


@pytest.mark.parametrize(
    ("wrong", "links", "bound"),
    # Clopper and Pearson's, one-sided at 95 %; of n wrong ones in n links, and by tables for the others.
    [(0, 2, 1.0), (0, 3000, 0.001), (1, 1, 1.0), (1, 2, 0.95**0.5), (1, 10, 0.39416), (2, 10, 0.50690), (5, 100, 0.10225)],
)
def test_the_bound_is_the_rule_of_three_or_the_exact_one(wrong: int, links: int, bound: float) -> None:
    assert upper_bound(wrong, links) == pytest.approx(bound, abs=2e-5)


def test_a_bound_of_tens_of_thousands_is_finite_and_falls_with_the_links() -> None:
    bounds = [upper_bound(3, links) for links in (1_000, 10_000, 100_000)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[2] == pytest.approx(7.7537 / 100_000, rel=1e-3), "Poisson's bound for three"


def test_the_least_odds_are_those_from_which_all_links_together_are_sure_enough() -> None:
    sure = [ScoreLink(1000.0, is_right=True)] * 3000
    assert least_odds(sure) == 1000.0
    assert least_odds(sure[1:]) is None, "2 999 right ones show too little"
    assert least_odds([*sure, ScoreLink(50.0, is_right=True)]) == 50.0
    assert least_odds([*sure, ScoreLink(50.0, is_right=False), ScoreLink(60.0, is_right=True)]) == 60.0
    assert least_odds([*sure, ScoreLink(1000.0, is_right=False)]) is None, "links with the same odds stand together"
    assert least_odds([*sure, ScoreLink(50.0, is_right=False)], most_wrong=0.01) == 50.0
    assert links_needed() == 3000


def test_only_the_scores_links_count_and_a_customer_without_a_company_is_wrong() -> None:
    judgements = [
        linked(1, 10.0),
        linked(2, 20.0),
        linked(3, 30.0, "wrong"),
        Judgement("4", Outcome.LINKED, "right", Rung.VAT_NUMBER),
        Judgement("5", Outcome.NEW),
    ]
    links = score_links(judgements, {"1": "right", "3": "right", "4": "right"})
    assert links == [ScoreLink(10.0, is_right=True), ScoreLink(20.0, is_right=False), ScoreLink(30.0, is_right=False)]
    assert tally(links, 20.0) == Tally(0, 2)


def test_what_is_chosen_on_one_half_is_proven_on_the_other() -> None:
    judgements = [linked(number, 100.0) for number in range(8000)]
    truth = truth_of(judgements)
    alone = choose(judgements, truth)
    assert alone.odds == 100.0
    assert alone.proof is not None
    assert 3000 < alone.links.links < 5000
    assert alone.links.links + alone.proof.links == 8000, "every customer is in one half"
    # Errors of the proving half change the proof and not the choice; those of the choosing half, the choice.
    halves: dict[bool, list[str]] = {True: [], False: []}
    for number in map(str, range(20)):
        halves[choose(judgements, truth | {number: "other"}).links.wrong == 1].append(number)
    proving, choosing = halves[False][:5], halves[True][:5]
    found = choose(judgements, truth | dict.fromkeys(proving, "other"))
    assert (found.odds, found.proof) == (100.0, Tally(alone.proof.right - 5, 5))
    assert choose(judgements, truth | dict.fromkeys(choosing, "other")).odds is None


def test_a_person_is_told_what_the_score_would_bring_and_whether_that_is_shown() -> None:
    judgements = [linked(number, 500.0) for number in range(8000)]
    enough = "\n".join(told_of_thresholds(judgements, truth_of(judgements)))
    assert "from odds of 100 on, which were chosen on other registers\n    8000 links more" in enough
    assert "from odds of 500 on, chosen here on half of the customers, and proven on the other half" in enough
    assert enough.count("at most 0.1% wrong is shown") == 2
    little = "\n".join(told_of_thresholds(judgements[:100], truth_of(judgements[:100])))
    assert "at 95 %, fewer than 3.00% are" in little
    assert "takes more truth to show: 3000 links without a wrong one, about 30 times as many customers" in little
    wrong = "\n".join(told_of_thresholds(judgements[:100], {}))
    assert "100 of 100 links are wrong" in wrong
    assert wrong.count("leave the score off, or name higher odds") == 2
