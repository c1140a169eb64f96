"""The gate of a home's model: each criterion, on both sides of its limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from register.identity.evaluate import Criterion, ModelComparison, judge_model
from register.identity.evaluate.calibration import calibrate
from register.identity.evaluate.model_comparison import JudgedPairs, LinkageFigures
from register.identity.score import AdaptationReport, LevelDifference


def level_difference(
    name: str, given_weight: float, weight: float, matches: float = 500.0
) -> LevelDifference:
    """A level of the forename with its weights in bits."""
    m, u = 0.5, 0.1
    return LevelDifference(
        "forename", name, m, u, given_weight, m, u, weight, matches, is_fixed=False
    )


LEVELS = [
    level_difference("same", 8.0, 9.0),
    level_difference("similar", 0.6, 0.7),
    level_difference("differs", -8.0, -7.0),
]
LEARNED = AdaptationReport(
    given_version="package",
    version="candidate",
    pseudo_count=1_000.0,
    record_count=2_000,
    match_count=1_000.0,
    is_converged=True,
    round_count=4,
    given_prior=1e-5,
    prior=1e-5,
    data_hash="",
    levels=LEVELS,
)
FIGURES = LinkageFigures(
    model_version="package",
    links=1_000,
    children=800,
    false_links_by_in_use=2.0,
    true_links_by_in_use=998.0,
    unsure_links=1,
    guarded_links=5,
    cannot_link_pairs=9,
    review_pairs=50,
    judged=None,
)
COMPARED = ModelComparison(
    mention_count=2_000,
    in_use=FIGURES,
    other=FIGURES,
    bands={},
    same_children=800,
    merged_children=0,
    split_children=0,
    guarded_gained=0,
    guarded_lost=0,
    likely_in_use=0.5,
    levels=LEVELS,
)


def criteria_met(learned: AdaptationReport, compared: ModelComparison) -> dict[str, bool | None]:
    """Whether each criterion is met, by code."""
    return {each.code: each.is_met for each in judge_model(learned, compared)}


def judged_figures(probability: float, count: int = 100, true: int = 90) -> LinkageFigures:
    """Figures with as many judged links, all shown with one probability."""
    is_true = np.arange(count) < true
    pairs = JudgedPairs(count, true, calibrate(np.full(count, probability), is_true))
    return replace(FIGURES, judged=pairs)


def test_a_model_at_every_limit_may_be_pinned() -> None:
    """Prevents a gate that nothing passes, or a criterion that refuses what equals its limit."""
    verdicts = criteria_met(LEARNED, COMPARED)
    assert len(verdicts) == 11
    assert {code for code, is_met in verdicts.items() if is_met is None} == {
        "judged_calibration",
        "judged_links",
    }
    assert False not in verdicts.values()


@pytest.mark.parametrize(
    ("code", "learned"),
    [
        ("converged", {"is_converged": False}),
        ("enough_records", {"record_count": 1_999}),
        ("enough_matches", {"match_count": 999.0}),
        ("directions", {"levels": [level_difference("same", 8.0, 0.0)]}),
        ("directions", {"levels": [level_difference("shares_postcode", 8.0, 0.0)]}),
        ("directions", {"levels": [level_difference("differs", -8.0, 0.0)]}),
        ("reversals", {"levels": [level_difference("similar", 0.5, -0.5, matches=99.9)]}),
    ],
)
def test_a_model_that_was_learned_from_too_little_is_refused(code: str, learned: dict) -> None:
    """Prevents a model of noise, or one whose evidence points the wrong way."""
    verdicts = criteria_met(replace(LEARNED, **learned), COMPARED)
    assert [each for each, is_met in verdicts.items() if is_met is False] == [code]


@pytest.mark.parametrize(
    "reversed_",
    [
        level_difference("similar", 0.5, -0.5, matches=100.0),
        level_difference("similar", 0.49, -9.0, matches=5.0),
        level_difference("similar", 9.0, -0.49, matches=5.0),
    ],
)
def test_a_partial_agreement_may_reverse_on_enough_matches_or_from_next_to_nothing(
    reversed_: LevelDifference,
) -> None:
    """Prevents the pinned model from being right of a home for ever."""
    assert criteria_met(replace(LEARNED, levels=[reversed_]), COMPARED)["reversals"]


def test_a_direction_may_be_weak() -> None:
    """Prevents a home in which a field says little from being refused for it."""
    weak = [level_difference("same", 8.0, 0.01), level_difference("differs", -8.0, -0.01)]
    assert criteria_met(replace(LEARNED, levels=weak), COMPARED)["directions"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("expected_false_links", {"other": replace(FIGURES, false_links_by_in_use=3.01)}),
        ("expected_true_links", {"other": replace(FIGURES, true_links_by_in_use=988.0)}),
        ("gained_links", {"likely_in_use": 0.49}),
        ("guarded_links", {"guarded_gained": 5, "guarded_lost": 0}),
        ("judged_calibration", {"in_use": judged_figures(0.9), "other": judged_figures(0.921)}),
        ("judged_links", {"in_use": judged_figures(0.9), "other": judged_figures(0.9, true=89)}),
    ],
)
def test_a_model_that_pays_for_links_with_doubtful_ones_is_refused(code: str, change: dict) -> None:
    """Prevents more links at the price of false ones."""
    verdicts = criteria_met(LEARNED, replace(COMPARED, **change))
    assert [each for each, is_met in verdicts.items() if is_met is False] == [code]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("expected_false_links", {"other": replace(FIGURES, false_links_by_in_use=3.0)}),
        ("expected_true_links", {"other": replace(FIGURES, true_links_by_in_use=988.03)}),
        ("gained_links", {"likely_in_use": None}),
        ("guarded_links", {"guarded_gained": 4, "guarded_lost": 0}),
        ("guarded_links", {"guarded_gained": 0, "guarded_lost": 9}),
        ("judged_calibration", {"in_use": judged_figures(0.9), "other": judged_figures(0.919)}),
        ("judged_links", {"in_use": judged_figures(0.9), "other": judged_figures(0.9, 200, 180)}),
        ("judged_links", {"in_use": judged_figures(0.9, 99), "other": judged_figures(0.9, 99, 50)}),
    ],
)
def test_what_is_within_a_limit_or_too_little_to_tell_is_not_held_against_a_model(
    code: str, change: dict
) -> None:
    """Prevents a refusal for what chance or a handful of judgements explain."""
    assert criteria_met(LEARNED, replace(COMPARED, **change))[code] is not False


def test_more_links_are_right_only_if_their_share_is_as_great() -> None:
    """Prevents twice as many links, of which a smaller share is right, from passing as better."""
    change = {"in_use": judged_figures(0.9), "other": judged_figures(0.9, 200, 179)}
    assert criteria_met(LEARNED, replace(COMPARED, **change))["judged_links"] is False


def test_the_criteria_name_the_ruler_of_both_models() -> None:
    """Prevents figures that each model computes by itself from being compared."""
    sentences = {each.code: each.sentence for each in judge_model(LEARNED, COMPARED)}
    for code in ("expected_false_links", "expected_true_links", "gained_links"):
        assert sentences[code].startswith("By the model in use, ")


def test_a_criterion_says_what_was_measured_and_its_limit() -> None:
    """Prevents a refusal that nobody can act on."""
    few = judge_model(replace(LEARNED, record_count=1_500), COMPARED)
    assert few[1] == Criterion(
        "enough_records",
        "It was learned from enough records to know u of rare levels.",
        "1,500",
        "at least 2,000",
        False,
    )
