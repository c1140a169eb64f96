"""Measures the current generation against every suite and keeps the results as history.

The door is `measure`. It finds how true the register is and never stops a load: a failed
expectation is a result, and so is one that could not be measured. What must be true is tested
before publication, not here.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.published_marts import MartUnreadableError, Published, generation_to_measure
from expectations.released import RELEASED_RELATIONS, released_tables
from expectations.results import (
    FAILED,
    NOT_APPLICABLE,
    NOT_MEASURED,
    PASSED,
    WHOLE,
    Result,
    write_results,
)
from expectations.simulated_nation import read_simulated_nation
from expectations.suites import (
    ExpectationSpec,
    ScopedMeasure,
    ShareMeasure,
    TextMeasure,
    Tolerance,
    TotalMeasure,
    all_specs,
    figure_text,
    read_tolerances,
)
from register.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult

    from expectations.validate.judge import Judge

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasureSummary:
    """What one measurement found: every result, and where they are kept."""

    generation: str
    results_path: Path
    results: tuple[Result, ...]

    @property
    def wholes(self) -> tuple[Result, ...]:
        """One result an expectation."""
        return tuple(result for result in self.results if result.is_whole)

    def count(self, status: str, severity: str | None = None) -> int:
        """How many expectations ended in `status` (of that severity, if one is given)."""
        return sum(
            result.status == status and severity in {None, result.severity}
            for result in self.wholes
        )


def measure(settings: Settings) -> MeasureSummary:
    """Run every suite on the current generation and keep one row an expectation and scope.

    Raises `NotPublishedError` when nothing is published; nothing else stops it.
    """
    from expectations.validate.judge import Judge

    generation = generation_to_measure(settings)
    tolerances = read_tolerances(settings.seeds / "ref__agreement_tolerances.csv")
    expected = [(spec, tolerances[spec.name]) for spec in all_specs()]
    nation = read_simulated_nation(settings)
    if nation is not None:
        expected = [nation.of_own_size(spec, tolerance) for spec, tolerance in expected]
    judge = Judge()
    released = released_tables(settings)
    with Published(generation.folder) as published:
        if released is not None:
            published.put_beside(released)
        results = [
            result
            for spec, tolerance in expected
            for result in measure_expectation(
                published, judge, spec, tolerance, generation.generation_id
            )
        ]
    path = write_results(settings, generation.generation_id, results)
    summary = MeasureSummary(generation.generation_id, path, tuple(results))
    logger.info(
        "generation %s: %d expectations, %d failed, %d not measured",
        summary.generation,
        len(summary.wholes),
        summary.count(FAILED),
        summary.count(NOT_MEASURED),
    )
    return summary


def measure_expectation(
    published: Published,
    judge: Judge,
    spec: ExpectationSpec,
    tolerance: Tolerance,
    generation: str,
) -> list[Result]:
    """The results of one expectation: as a whole, then scope by scope.

    A mart that is missing is a result, *not measured*, and never an error.
    """
    from expectations.validate.judge import statement

    unjudged = _unjudged(generation, spec, tolerance)
    try:
        frame = read_frame(published, spec)
    except MartUnreadableError as error:
        if spec.is_of_simulation:
            said = "only a simulation knows the truth that this compares with"
            return [replace(unjudged, statement=said, status=NOT_APPLICABLE, success=None)]
        if spec.mart in RELEASED_RELATIONS and not published.has(spec.mart):
            said = "no release of statistics is published yet"
            return [replace(unjudged, statement=said, status=NOT_APPLICABLE, success=None)]
        logger.error("%s could not be measured: %s", spec.name, error)
        return [replace(unjudged, statement=str(error))]
    found = judge.judge(spec, tolerance, frame)
    return _found(spec, len(frame), found, replace(unjudged, statement=statement(found)))


def read_frame(published: Published, spec: ExpectationSpec) -> pd.DataFrame:
    """What the expectation judges; which text columns there are is asked of the file itself."""
    if not isinstance(spec.measure, TextMeasure):
        return published.frame(spec.query)
    columns = [(row["table_name"], row["column_name"]) for row in published.records(spec.query)]
    if not columns:
        raise MartUnreadableError("the file holds no such column")
    return published.frame(spec.measure.values_query(columns))


def _unjudged(generation: str, spec: ExpectationSpec, tolerance: Tolerance) -> Result:
    """What is known of a result before the data are read."""
    return Result(
        generation=generation,
        suite=spec.suite,
        expectation=spec.name,
        scope_kind=WHOLE,
        scope=WHOLE,
        sentence=spec.sentence,
        statement="",
        severity=tolerance.severity,
        status=NOT_MEASURED,
        success=False,
        measure=tolerance.measure,
        observed_value=None,
        observed_text=figure_text(tolerance.measure, None),
        minimum=tolerance.minimum,
        maximum=tolerance.maximum,
        tolerance=tolerance.text,
        reason=tolerance.reason,
        owner=tolerance.owner,
        agreed_on=tolerance.agreed_on,
        mart=spec.mart,
        filter=spec.condition,
        trace=spec.trace,
        element_count=0,
        unexpected_count=0,
        observed_lower=None,
        observed_upper=None,
    )


def _found(
    spec: ExpectationSpec, row_count: int, found: ExpectationValidationResult, unjudged: Result
) -> list[Result]:
    """The result of the expectation as a whole, then those of its scopes."""
    if found.exception_info and _has_raised(found.exception_info):
        logger.error("%s could not be measured: Great Expectations raised an error", spec.name)
        return [unjudged]
    if isinstance(spec.measure, ScopedMeasure):
        return _scopes(spec.measure, found, unjudged)
    unexpected = int(found.result.get("unexpected_count", 0))
    if isinstance(spec.measure, TotalMeasure):
        observed = found.result.get("observed_value")
        value = None if observed is None or math.isnan(observed) else float(observed)
        unexpected = int(not found.success)
    else:
        value = (row_count - unexpected) / row_count if row_count else None
    judged = _judged(unjudged, value, bool(found.success) if value is not None else None)
    return [replace(judged, element_count=row_count, unexpected_count=unexpected)]


def _scopes(
    measure: ScopedMeasure, found: ExpectationValidationResult, unjudged: Result
) -> list[Result]:
    details = found.result
    is_judged = details["element_count"] > 0
    whole = replace(
        _judged(unjudged, details["observed_value"], bool(found.success) if is_judged else None),
        element_count=details["element_count"],
        unexpected_count=details["unexpected_count"],
    )
    return [whole, *(_scope(measure, scope, unjudged) for scope in details["details"]["scopes"])]


def _scope(measure: ScopedMeasure, scope: dict[str, Any], unjudged: Result) -> Result:
    """One scope's result; its unexpected records are those that a good share leaves out."""
    part = scope["part_count"]
    is_bad = isinstance(measure, ShareMeasure | TextMeasure) and not measure.is_numerator_good
    unexpected = 0 if part is None else part if is_bad else scope["record_count"] - part
    bounded = replace(unjudged, observed_lower=scope["lower"], observed_upper=scope["upper"])
    return replace(
        _judged(bounded, scope["value"], scope["is_within"]),
        scope=scope["scope"],
        scope_kind=measure.scope_kind,
        element_count=scope["record_count"],
        unexpected_count=unexpected,
    )


def _judged(unjudged: Result, value: float | None, success: bool | None) -> Result:
    """The result with what was observed; `success` None means that there was nothing to judge."""
    status = {True: PASSED, False: FAILED, None: NOT_APPLICABLE}[success]
    text = figure_text(unjudged.measure, value)
    if unjudged.observed_lower is not None and unjudged.observed_upper is not None:
        low = figure_text(unjudged.measure, unjudged.observed_lower)
        text += f" ({low} to {figure_text(unjudged.measure, unjudged.observed_upper)})"
    return replace(
        unjudged,
        status=status,
        success=success,
        observed_value=value,
        observed_text=text,
    )


def _has_raised(information: dict[str, Any]) -> bool:
    """Whether Great Expectations raised an error, in whichever of its two shapes it reports it."""
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(item.get("raised_exception") for item in information.values())
