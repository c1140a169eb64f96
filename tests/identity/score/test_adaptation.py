"""Adaptation: a home's model lies between the one it starts from and its own records."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from register.identity.clean import shape_persons
from register.identity.score import (
    AdaptationReport,
    ContextModel,
    Model,
    ModelError,
    TrainingOptions,
    adaptation,
    training,
)
from register.identity.score.adaptation import adapt_to_persons
from register.identity.score.estimation import refine_model
from register.identity.score.training import count_comparisons
from tests.identity.linkage_people import (
    QUICK,
    TRAINED_AT,
    population,
    small_model,
    small_population,
    small_scores,
)
from tests.identity.people import mention, mention_table


@cache
def home_mentions() -> pa.Table:
    """Persons of a home other than the one on which the model was trained."""
    return shape_persons(population(350, seed=11)[0])


@cache
def adapted() -> tuple[Model, AdaptationReport]:
    """The model of the home in which the given m counts for everything."""
    return adapt_to_persons(home_mentions(), small_model()[0], 1e12, QUICK, TRAINED_AT)


@pytest.mark.parametrize(
    ("pseudo_count", "first"),
    [
        (1e12, ["Estimate u from random pairs"]),
        (
            0.0,
            [
                "Estimate u from random pairs",
                "Estimate m, blocking rule 1 of 2",
                "Estimate m, blocking rule 2 of 2",
            ],
        ),
    ],
)
def test_each_step_of_a_training_is_told(pseudo_count: float, first: list[str]) -> None:
    """Prevents a training of minutes that looks as if it had stopped."""
    steps: list[str] = []
    options = replace(QUICK, on_step=steps.append)
    _, report = adapt_to_persons(home_mentions(), small_model()[0], pseudo_count, options)
    assert steps[: len(first) + 2] == [
        *first,
        "Block and score pairs",
        "Expectation maximisation, round 1 of at most 25",
    ]
    last = f"Expectation maximisation, round {report.round_count} of at most 25"
    assert steps[-1] == last


def m_of(model: Model) -> dict[tuple[str, str], float]:
    """Return m by comparison and level."""
    return {
        (name, label): level["m_probability"]
        for name in model.comparison_names
        for label, level in model.levels_by_label(name).items()
    }


@cache
def far_model() -> Model:
    """The model of the small population, with too low an m for what is the same."""
    model = small_model()[0]
    changed = [
        {
            **comparison,
            "comparison_levels": [
                {**level, "m_probability": 0.6 * level["m_probability"]}
                if level["label_for_charts"] == "same"
                else level
                for level in comparison["comparison_levels"]
            ],
        }
        for comparison in model.comparisons
    ]
    return model.model_copy(update={"comparisons": changed})


def refined(pseudo_count: float) -> Model:
    """What the far model learns from the records of the small population."""
    count = count_comparisons(small_population()[0], "all")
    return refine_model(far_model(), small_scores(), count, pseudo_count).model


def test_with_very_many_pseudo_matches_m_is_the_given_one() -> None:
    """Prevents a prior that is not the pinned model."""
    model, report = adapted()
    assert m_of(model) == pytest.approx(m_of(small_model()[0]), rel=1e-6)
    assert report.is_converged
    assert model.data_hash != small_model()[0].data_hash


def test_with_none_a_home_is_trained_as_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a second way of training that gives other weights than the first."""
    trainings = []

    def trained(persons: pa.Table, options: TrainingOptions, *_: Any) -> tuple[Model, None]:
        trainings.append(
            (persons.num_rows, options.thresholds, list(options.caps), list(options.calibrations),
             options.context)
        )  # fmt: skip
        return far_model(), None

    monkeypatch.setattr(adaptation, "train_persons", trained)
    full_model = small_model()[0]
    other = ContextModel(base=1, of_caps={}, terms=[])
    fewer = {"caps": full_model.caps[:1], "calibrations": full_model.calibrations[:1],
             "context": other}  # fmt: skip
    base = full_model.model_copy(update=fewer)
    model, _ = adapt_to_persons(home_mentions(), base, 0.0, QUICK, TRAINED_AT)
    assert model == far_model().with_version()
    assert trainings == [
        (home_mentions().num_rows, base.thresholds, base.caps, base.calibrations, other)
    ]


def test_m_lies_between_the_prior_and_the_data() -> None:
    """Prevents a pseudo-count that counts the wrong way round."""
    alone, between, base = (m_of(refined(count)) for count in (0.0, 1_000.0, 1e12))
    at = ("birth_date", "same")
    assert alone[at] > between[at] > base[at] == pytest.approx(m_of(far_model())[at])
    matches = 1_150
    expected = (matches * alone[at] + 1_000 * base[at]) / (matches + 1_000)
    assert between[at] == pytest.approx(expected, rel=0.02)


def test_u_and_frequencies_are_those_of_the_home() -> None:
    """Prevents the names of another nation from weighing as they do there."""
    model, base = adapted()[0], small_model()[0]
    assert model.frequencies != base.frequencies
    u, given_u = (
        each.levels_by_label("forename")["same"]["u_probability"] for each in (model, base)
    )
    assert u != given_u
    assert model.record_count == home_mentions().num_rows


def test_of_random_pairs_the_matches_are_left_out() -> None:
    """Prevents a u of random pairs among which some are of one child."""
    levels = [
        {"label_for_charts": "same", "m_probability": 0.9, "u_probability": 0.5},
        {"label_for_charts": "by hand", "m_probability": 0.9, "u_probability": 0.5,
         "fix_m_probability": True},
        {"label_for_charts": "unseen", "m_probability": 0.9, "u_probability": 0.5},
        {"label_for_charts": "null", "is_null_level": True},
    ]  # fmt: skip
    estimated_levels = [{"u_probability": 0.1}, {"u_probability": 0.1}, {}, {"u_probability": 0.1}]
    base = [{"output_column_name": "sex", "comparison_levels": levels}]
    learned = [{"output_column_name": "sex", "comparison_levels": estimated_levels}]
    (comparison,) = adaptation._apply_u(base, learned, prior=0.05)
    same, by_hand, unseen, null = comparison["comparison_levels"]
    assert same["u_probability"] == pytest.approx((0.1 - 0.05 * 0.9) / 0.95)
    assert [by_hand, unseen, null] == levels[1:]


def test_a_level_without_pairs_and_one_set_by_hand_keep_their_weights() -> None:
    """Prevents a weight from nothing, and an identifier's from a handful of pairs."""
    model, base = refined(50.0), far_model()
    assert (
        model.levels_by_label("birth_date")["another_date"]
        == base.levels_by_label("birth_date")["another_date"]
    )
    assert model.levels_by_label("identifier") == base.levels_by_label("identifier")
    assert model.levels_by_label("birth_date")["same"] != base.levels_by_label("birth_date")["same"]


def test_the_report_names_both_models_and_no_value() -> None:
    """Prevents a report from which nobody can tell what was learned, or that names a child."""
    model, report = adapted()
    assert (report.given_version, report.version) == (small_model()[0].version, model.version)
    assert report.match_count == pytest.approx(350, rel=0.1)
    comparison = {(each.comparison, each.level): each for each in report.levels}
    assert comparison["identifier", "shared_nhs_number"].is_fixed
    same = comparison["surname", "same"]
    assert same.difference == pytest.approx(same.weight - same.given_weight)
    assert sum(each.match_count for each in report.levels if each.comparison == "sex") > 280
    assert "yusuf" not in str(report)


@pytest.mark.parametrize(("persons", "pseudo_count"), [(100, 10.0), (700, -1.0)])
def test_too_few_records_and_negative_counts_are_refused(persons: int, pseudo_count: float) -> None:
    """Prevents a model of a handful of records."""
    with pytest.raises(ModelError):
        adapt_to_persons(home_mentions().slice(0, persons), small_model()[0], pseudo_count, QUICK)


def test_a_model_learned_from_mentions_tells_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents steps that are told where tests train, but not where a command does."""
    steps: list[str] = []

    def learn(
        _: pa.Table, base: Model, count: float, options: TrainingOptions
    ) -> tuple[Model, str]:
        options.on_step(f"Learn with {count:.0f}")
        return base, "learned"

    monkeypatch.setattr(adaptation, "adapt_to_persons", learn)
    monkeypatch.setattr(
        training, "train_persons", lambda persons, options, _: learn(persons, None, 0, options)
    )
    monkeypatch.setattr(training, "save_model", lambda *_: None)
    mentions = mention_table(mention("a", "Aisha|Harlow"))
    adaptation.adapt_model(mentions, 50, steps.append)
    training.train_model(mentions, Path("unused"), None, steps.append)
    assert steps == ["Shape records", "Learn with 50", "Shape records", "Learn with 0"]
