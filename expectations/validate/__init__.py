"""Measurement of the current generation by every suite. The results are stored.

An expectation that fails, or that cannot be measured, is a result and never stops a load. dbt tests
the conditions that must hold before publication.
"""

from __future__ import annotations

import logging
import math
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.published_marts import MartUnreadableError, Published, generation_to_measure
from expectations.released import RELEASED_RELATIONS, read_released_tables
from expectations.results import (
    FAILED,
    NOT_APPLICABLE,
    NOT_MEASURED,
    OVERALL,
    PASSED,
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
    format_figure,
    read_tolerances,
)
from register.delivery_gaps import (
    DELIVERIES,
    SOURCE_TITLES,
    DeliveryGaps,
    find_delivery_gaps,
)
from register.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult

    from expectations.validate.judge import Judge

logger = logging.getLogger(__name__)

# The module that imports Great Expectations, which takes seconds.
JUDGE_MODULE = "expectations.validate.judge"


@dataclass(frozen=True)
class MeasureSummary:
    """The results of one measurement, and the file that stores them."""

    generation: str
    results_path: Path
    results: tuple[Result, ...]

    @property
    def overall_results(self) -> tuple[Result, ...]:
        """The overall result of each expectation."""
        return tuple(result for result in self.results if result.is_overall)

    def count_expectations(self, status: str) -> int:
        """Count the expectations whose overall result has the given status."""
        return sum(result.status == status for result in self.overall_results)


def import_ahead(*others: str) -> None:
    """Import Great Expectations and other modules by name while a load waits for dbt.

    An import that fails is ignored here; the step that needs the module raises the error, after
    publication.
    """
    for module in (JUDGE_MODULE, *others):
        with suppress(Exception):
            import_module(module)


def measure(settings: Settings) -> MeasureSummary:
    """Measure the current generation with every suite, and write the results.

    Raises `NotPublishedError` if nothing is published. A missing mart or column raises no error.
    """
    from expectations.validate.judge import Judge

    generation = generation_to_measure(settings)
    tolerances = read_tolerances(settings.seeds / "ref__agreement_tolerances.csv")
    expected = [(spec, tolerances[spec.name]) for spec in all_specs()]
    nation = read_simulated_nation(settings)
    if nation is not None:
        expected = [nation.adapt_expectation(spec, tolerance) for spec, tolerance in expected]
    judge = Judge()
    with Published(generation.folder) as published:
        published.add_tables(read_released_tables(settings) or {})
        published.count_children_alone()
        gaps = _find_gaps(settings, published)
        results = []
        for spec, tolerance in expected:
            absent = _list_absent_sources(spec, gaps)
            if absent:
                unjudged = _create_unjudged_result(generation.generation_id, spec, tolerance)
                results.append(_leave_out(unjudged, f"not delivered: {absent}"))
                continue
            results += measure_expectation(
                published, judge, spec, tolerance, generation.generation_id
            )
    path = write_results(settings, generation.generation_id, results)
    summary = MeasureSummary(generation.generation_id, path, tuple(results))
    logger.info(
        "generation %s: %d expectations, %d failed, %d not measured",
        summary.generation,
        len(summary.overall_results),
        summary.count_expectations(FAILED),
        summary.count_expectations(NOT_MEASURED),
    )
    return summary


def measure_expectation(
    published: Published,
    judge: Judge,
    spec: ExpectationSpec,
    tolerance: Tolerance,
    generation: str,
) -> list[Result]:
    """Return the overall result of one expectation, then the result of each scope.

    If the mart is missing, no error is raised: the result is *not measured*. It is *not applicable*
    if only a simulation, or a release of statistics, has the mart.
    """
    from expectations.validate.judge import render_statement

    unjudged = _create_unjudged_result(generation, spec, tolerance)
    try:
        frame = read_frame(published, spec)
    except MartUnreadableError as error:
        if spec.is_of_simulation:
            statement = "only a simulation knows the truth that this compares with"
        elif spec.mart in RELEASED_RELATIONS and not published.has_relation(spec.mart):
            statement = "no release of statistics is published yet"
        else:
            logger.error("%s could not be measured: %s", spec.name, error)
            return [replace(unjudged, statement=str(error))]
        return [_leave_out(unjudged, statement)]
    validation = judge.judge(spec, tolerance, frame)
    unjudged = replace(unjudged, statement=render_statement(validation))
    return _convert_validation(spec, len(frame), validation, unjudged)


def _find_gaps(settings: Settings, published: Published) -> DeliveryGaps | None:
    """Return what is delivered; None if the generation does not list its deliveries."""
    try:
        return find_delivery_gaps(settings.seeds, published.read_records(DELIVERIES))
    except MartUnreadableError:
        return None


def _list_absent_sources(spec: ExpectationSpec, gaps: DeliveryGaps | None) -> str:
    """Return the sources that an expectation needs and that have not delivered, in words."""
    if gaps is None:
        return ""
    needs = ("police", "authority") if spec.needs == ("any",) else spec.needs
    absent = [each for each in gaps.missing_sources if each in needs]
    if spec.needs == ("any",) and len(absent) < len(needs):
        return ""
    return " and ".join(SOURCE_TITLES[each] for each in absent)


def _leave_out(unjudged: Result, statement: str) -> Result:
    """Return the result of an expectation that has nothing to judge, with the reason."""
    return replace(unjudged, statement=statement, status=NOT_APPLICABLE, success=None)


def read_frame(published: Published, spec: ExpectationSpec) -> pd.DataFrame:
    """Read the data that the expectation judges.

    For a `TextMeasure`, the text columns are first listed from the file itself.
    """
    if not isinstance(spec.measure, TextMeasure):
        return published.read_frame(spec.query)
    rows = published.read_records(spec.query)
    columns = [(row["table_name"], row["column_name"]) for row in rows]
    if not columns:
        raise MartUnreadableError("the file holds no such column")
    return published.read_frame(spec.measure.values_query(columns))


def _create_unjudged_result(generation: str, spec: ExpectationSpec, tolerance: Tolerance) -> Result:
    """Return a result with the status *not measured*, for completion once the data are read."""
    return Result(
        generation=generation,
        suite=spec.suite,
        expectation=spec.name,
        scope_kind=OVERALL,
        scope=OVERALL,
        sentence=spec.sentence,
        statement="",
        severity=tolerance.severity,
        status=NOT_MEASURED,
        success=False,
        measure=tolerance.measure,
        observed_value=None,
        observed_text=format_figure(tolerance.measure, None),
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


def _convert_validation(
    spec: ExpectationSpec,
    row_count: int,
    validation: ExpectationValidationResult,
    unjudged: Result,
) -> list[Result]:
    """Convert Great Expectations' result to a list: the overall result, then that of each scope."""
    if validation.exception_info and _has_raised(validation.exception_info):
        logger.error("%s could not be measured: Great Expectations raised an error", spec.name)
        return [unjudged]
    if isinstance(spec.measure, ScopedMeasure):
        return _convert_scopes(spec.measure, validation, unjudged)
    unexpected = int(validation.result.get("unexpected_count", 0))
    if isinstance(spec.measure, TotalMeasure):
        observed = validation.result.get("observed_value")
        value = None if observed is None or math.isnan(observed) else float(observed)
        unexpected = int(not validation.success)
    else:
        value = (row_count - unexpected) / row_count if row_count else None
    success = bool(validation.success) if value is not None else None
    judged = _add_observation(unjudged, value, success)
    return [replace(judged, element_count=row_count, unexpected_count=unexpected)]


def _convert_scopes(
    measure: ScopedMeasure, validation: ExpectationValidationResult, unjudged: Result
) -> list[Result]:
    details = validation.result
    success = bool(validation.success) if details["element_count"] > 0 else None
    overall = replace(
        _add_observation(unjudged, details["observed_value"], success),
        element_count=details["element_count"],
        unexpected_count=details["unexpected_count"],
    )
    scopes = details["details"]["scopes"]
    return [overall, *(_convert_scope(measure, scope, unjudged) for scope in scopes)]


def _convert_scope(measure: ScopedMeasure, scope: dict[str, Any], unjudged: Result) -> Result:
    """Return the result of one scope.

    For a share, the records that are not in the good part count as unexpected.
    """
    part = scope["part_count"]
    is_bad = isinstance(measure, ShareMeasure | TextMeasure) and not measure.is_numerator_good
    unexpected = 0 if part is None else part if is_bad else scope["record_count"] - part
    bounded = replace(unjudged, observed_lower=scope["lower"], observed_upper=scope["upper"])
    return replace(
        _add_observation(bounded, scope["value"], scope["is_within"]),
        scope=scope["scope"],
        scope_kind=measure.scope_kind,
        element_count=scope["record_count"],
        unexpected_count=unexpected,
    )


def _add_observation(unjudged: Result, value: float | None, success: bool | None) -> Result:
    """Return the result with its observed value; `success` is None if nothing can be judged."""
    status = {True: PASSED, False: FAILED, None: NOT_APPLICABLE}[success]
    text = format_figure(unjudged.measure, value)
    if unjudged.observed_lower is not None and unjudged.observed_upper is not None:
        low = format_figure(unjudged.measure, unjudged.observed_lower)
        text += f" ({low} to {format_figure(unjudged.measure, unjudged.observed_upper)})"
    return replace(
        unjudged, status=status, success=success, observed_value=value, observed_text=text
    )


def _has_raised(information: dict[str, Any]) -> bool:
    """Return whether Great Expectations reported an error, in either form that its reports have."""
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(item.get("raised_exception") for item in information.values())
