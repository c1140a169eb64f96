"""Conversion of specs to expectations of Great Expectations, which then judge data frames.

Importing this module imports Great Expectations, which takes seconds, so import it inside a
function.
"""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import Expectation
from great_expectations.render.renderer.inline_renderer import InlineRenderer

from expectations.suites import (
    ColumnsMeasure,
    EqualMeasure,
    ExpectationSpec,
    IntervalMeasure,
    PresentMeasure,
    ScopedMeasure,
    Tolerance,
)
from expectations.validate.scoped_expectations import (
    ExpectColumnsToAgree,
    ExpectIntervalToOverlap,
    ExpectShareBetween,
    ScopedExpectation,
    join_sentences,
)

# A more detailed format or a higher count would put failing values into the results. Such values
# may identify children.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


def build_expectation(spec: ExpectationSpec, tolerance: Tolerance) -> Expectation:
    """Build Great Expectations' expectation from a spec. Its `meta` has texts for auditors."""
    shared: dict[str, Any] = {
        "severity": tolerance.severity,
        "meta": {
            "name": spec.name,
            "suite": spec.suite,
            "sentence": spec.sentence,
            "tolerance": tolerance.text,
            "reason": tolerance.reason,
            "severity": tolerance.severity,
            "mart": spec.mart,
            "filter": spec.condition,
        },
    }
    measure = spec.measure
    if isinstance(measure, ScopedMeasure):
        return _build_scoped_expectation(measure, tolerance, shared)
    if isinstance(measure, EqualMeasure):
        return gx.expectations.ExpectColumnPairValuesToBeEqual(
            column_A="left_count", column_B="right_count", ignore_row_if="neither", **shared
        )
    if isinstance(measure, PresentMeasure):
        return gx.expectations.ExpectColumnValuesToNotBeNull(
            column=measure.column,
            mostly=1.0 if tolerance.minimum is None else tolerance.minimum,
            **shared,
        )
    return gx.expectations.ExpectColumnSumToBeBetween(
        column="total_count", min_value=tolerance.minimum, max_value=tolerance.maximum, **shared
    )


def _build_scoped_expectation(
    measure: ScopedMeasure, tolerance: Tolerance, shared: dict[str, Any]
) -> ScopedExpectation:
    """Build one of this project's own expectations, which judge each scope separately."""
    arguments: dict[str, Any] = {
        **shared,
        "minimum": tolerance.minimum,
        "maximum": tolerance.maximum,
        "scope_kind": measure.scope_kind,
        "least_records": measure.least_records,
        "measured_name": measure.measured_name,
        "counted_name": measure.counted_name,
    }
    if isinstance(measure, ColumnsMeasure):
        return ExpectColumnsToAgree(coefficient=measure.coefficient, **arguments)
    if isinstance(measure, IntervalMeasure):
        return ExpectIntervalToOverlap(**arguments)
    return ExpectShareBetween(**arguments)


class Judge:
    """Judge of data frames by means of Great Expectations, whose context is kept in memory only."""

    def __init__(self) -> None:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        source = context.data_sources.add_pandas("published_generation")
        asset = source.add_dataframe_asset("mart")
        self._definition = asset.add_batch_definition_whole_dataframe("whole")

    def judge(
        self, spec: ExpectationSpec, tolerance: Tolerance, frame: pd.DataFrame
    ) -> ExpectationValidationResult:
        """Return Great Expectations' result for a frame; it contains no value of a row."""
        batch = self._definition.get_batch(batch_parameters={"dataframe": frame})
        expectation = build_expectation(spec, tolerance)
        return batch.validate(expectation, result_format=RESULT_FORMAT)


def render_statement(result: ExpectationValidationResult) -> str:
    """Render the judged expectation as a sentence."""
    # Render only the expectation: rendering the whole result would add the observed values and take
    # twice as long.
    expected = result.expectation_config
    assert expected is not None
    return join_sentences(InlineRenderer(render_object=expected).get_rendered_content())
