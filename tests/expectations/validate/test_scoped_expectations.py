"""Our own expectations judge each scope, as their sentences say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from expectations.suites import (
    ColumnsMeasure,
    ExpectationSpec,
    IntervalMeasure,
    Measure,
    ShareMeasure,
    Tolerance,
)

if TYPE_CHECKING:
    from expectations.validate.judge import Judge

# Cohen's kappa paradox, the table of Gwet (2002), Kappa statistic is not satisfactory: 125 pairs.
PARADOX = {("yes", "yes"): 118, ("yes", "no"): 5, ("no", "yes"): 2}
# Fifty proposals read twice, the common textbook example of kappa: 0.4.
PROPOSALS = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
INTERVAL = IntervalMeasure(
    "share", "lower", "upper", "records", "right links", "links", "grouping", "group", 5
)


SHARE = ExpectationSpec(
    suite="coverage",
    name="coverage_example",
    sentence="Every supplier delivers.",
    mart="quality.example",
    measure=ShareMeasure(
        numerator="count(*)",
        denominator="count(*)",
        measured_name="periods delivered",
        counted_name="periods expected",
        scope_kind="supplier",
        least_records=5,
    ),
)


def _spec(measure: Measure) -> ExpectationSpec:
    return ExpectationSpec("example", "example_one", "Two agree.", "quality.example", measure)


def _tolerance(minimum: float | None, maximum: float | None, measure: str) -> Tolerance:
    return Tolerance("example_one", measure, "each", minimum, maximum, "warning", "Why", "Who", "1")


@pytest.mark.parametrize(
    ("counts", "coefficient", "expected"),
    [
        (PARADOX, "kappa", -0.0234),
        (PARADOX, "ac1", 0.9408),
        (PROPOSALS, "kappa", 0.4),
        ({("yes", "yes"): 10}, "kappa", None),
        ({}, "ac1", None),
    ],
)
def test_coefficients_are_those_of_the_worked_examples(
    counts: dict[tuple[str, str], int], coefficient: str, expected: float | None
) -> None:
    """Prevents an agreement beyond chance that is ours alone."""
    from expectations.validate.scoped_expectations import compute_agreement

    result = compute_agreement(Counter(counts), coefficient, code_count=2)
    assert result == (expected if expected is None else pytest.approx(expected, abs=0.0005))


def test_columns_are_judged_in_every_scope_and_observed_together(judge: Judge) -> None:
    """Prevents one authority that disagrees from disappearing behind those that agree."""
    rows = [("alike", *pair, count) for pair, count in PARADOX.items()]
    rows += [("unlike", "yes", "no", 30), ("small", "yes", "no", 4)]
    frame = pd.DataFrame(rows, columns=["scope", "left_code", "right_code", "record_count"])
    measure = ColumnsMeasure(
        "one", "other", "ac1", "police and authority", "category", "area", "area", 5
    )
    result = judge.judge(_spec(measure), _tolerance(0.6, None, "coefficient"), frame)
    scopes = {scope["scope"]: scope for scope in result.result["details"]["scopes"]}
    assert {name: scope["is_within"] for name, scope in scopes.items()} == {
        "alike": True,
        "unlike": False,
        "small": None,
    }
    assert scopes["alike"]["value"] == pytest.approx(0.9408, abs=0.0005)
    assert result.success is False
    assert 0 < result.result["observed_value"] < 0.9


@pytest.mark.parametrize(
    ("minimum", "maximum", "interval", "success"),
    [
        (0.95, None, (0.93, 0.96), True),
        (0.95, None, (0.93, 0.94), False),
        (None, 0.9, (0.89, 0.97), True),
        (None, 0.9, (0.91, 0.97), False),
    ],
)
def test_an_interval_fails_only_when_it_lies_wholly_outside(
    minimum: float | None,
    maximum: float | None,
    interval: tuple[float, float],
    success: bool,
    judge: Judge,
) -> None:
    """Prevents an estimate from a sample from being called wrong for the luck of its draw."""
    frame = pd.DataFrame(
        [("all", 0.935, *interval, 100), ("small", 0.0, 0.0, 0.1, 4)],
        columns=["scope", "share", "share_lower", "share_upper", "record_count"],
    )
    result = judge.judge(_spec(INTERVAL), _tolerance(minimum, maximum, "share"), frame)
    assert result.success is success


def test_the_sentences_say_what_is_compared(judge: Judge) -> None:
    """Prevents a statement that only its author understands."""
    from expectations.validate.judge import render_statement

    columns = ["scope", "share", "share_lower", "share_upper", "record_count"]
    frame = pd.DataFrame([("all", 0.9, 0.8, 0.95, 100)], columns=columns)
    result = judge.judge(_spec(INTERVAL), _tolerance(0.95, None, "share"), frame)
    assert render_statement(result) == (
        "For each group: right links, divided by links. The 95% interval of this share must "
        "include a value of at least 0.95. Any group with fewer than 5 links is not judged."
    )


def _frame(*counts: tuple[int, int]) -> pd.DataFrame:
    rows = [(f"scope {place}", *pair) for place, pair in enumerate(counts)]
    return pd.DataFrame(rows, columns=["scope", "numerator_count", "denominator_count"])


@pytest.mark.parametrize(
    ("minimum", "maximum", "counts", "success"),
    [
        (0.5, None, [(5, 10), (10, 10)], True),
        (0.5, None, [(4, 10), (10, 10)], False),
        (None, 0.5, [(5, 10), (0, 10)], True),
        (None, 0.5, [(6, 10), (0, 10)], False),
        (0.2, 0.4, [(3, 10)], True),
        (0.2, 0.4, [(5, 10)], False),
        (0.5, None, [(0, 4), (10, 10)], True),
    ],
)
def test_limits_are_included_and_small_scopes_are_not_judged(
    minimum: float | None,
    maximum: float | None,
    counts: list[tuple[int, int]],
    success: bool,
    judge: Judge,
) -> None:
    """Prevents a supplier at the limit from failing, and one of four periods from being judged."""
    result = judge.judge(SHARE, _tolerance(minimum, maximum, "share"), _frame(*counts))
    assert result.success is success


def test_nothing_to_judge_is_not_a_success(judge: Judge) -> None:
    """Prevents an empty table from looking perfect."""
    result = judge.judge(SHARE, _tolerance(0.5, None, "share"), _frame())
    assert result.success is False
    assert result.result["element_count"] == 0


def test_the_sentence_of_a_share_names_what_is_counted_and_the_limit(judge: Judge) -> None:
    """Prevents a statement that only its author understands."""
    from expectations.validate.judge import render_statement

    result = judge.judge(SHARE, _tolerance(0.5, 0.9, "share"), _frame((7, 10)))
    assert render_statement(result) == (
        "For each supplier: periods delivered, divided by periods expected. This share must be "
        "at least 0.5 and at most 0.9. Any supplier with fewer than 5 periods expected is not "
        "judged."
    )
    assert result.expectation_config is not None
    assert result.expectation_config.meta["sentence"] == "Every supplier delivers."
    assert result.expectation_config.meta["mart"] == "quality.example"
