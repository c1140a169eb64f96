"""Our own expectation judges each scope, and says what it expects in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from expectations.suites.specs import ExpectationSpec, ShareMeasure
from expectations.suites.tolerances import Tolerance

if TYPE_CHECKING:
    from expectations.validate.judge import Judge

SPEC = ExpectationSpec(
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


def _tolerance(minimum: float | None, maximum: float | None) -> Tolerance:
    return Tolerance(
        "coverage_example", "share", "supplier", minimum, maximum, "warning", "Why.", "Who", "Day"
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
    found = judge.judge(SPEC, _tolerance(minimum, maximum), _frame(*counts))
    assert found.success is success


def test_nothing_to_judge_is_not_a_success(judge: Judge) -> None:
    """Prevents an empty table from looking perfect."""
    found = judge.judge(SPEC, _tolerance(0.5, None), _frame())
    assert found.success is False
    assert found.result["element_count"] == 0


def test_the_sentence_names_what_is_counted_and_the_limit(judge: Judge) -> None:
    """Prevents a statement that only its author understands."""
    from expectations.validate.judge import statement

    found = judge.judge(SPEC, _tolerance(0.5, 0.9), _frame((7, 10)))
    assert statement(found) == (
        "In every supplier, of periods expected the share of periods delivered must be "
        "at least 0.5 and at most 0.9; fewer than 5 are not judged."
    )
    assert found.expectation_config is not None
    assert found.expectation_config.meta["sentence"] == "Every supplier delivers."
    assert found.expectation_config.meta["mart"] == "quality.example"
