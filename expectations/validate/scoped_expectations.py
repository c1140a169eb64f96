"""Expectations that judge each scope separately: each supplier, authority or year.

Great Expectations judges rows. The frames here have a few rows for each scope, with counts, codes
and shares from a mart. Importing this module imports Great Expectations, which takes seconds, so
import it inside a function.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, cast

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import ExecutionEngine, PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.render import RenderedAtomicContent
from great_expectations.render.renderer_configuration import (
    RendererConfiguration,
    RendererValueType,
)

METRIC = "table.rows_by_scope"
FrameRow = dict[str, Any]
Pairs = Counter[tuple[str, str]]


@dataclass(frozen=True)
class MeasuredScope:
    """One scope: its observed value, its number of records, and whether it is within tolerance.

    `part_count` is the numerator of a share. `is_within` is None if the scope has too few records
    to be judged.
    """

    scope: str
    value: float | None
    record_count: int
    part_count: int | None = None
    lower: float | None = None
    upper: float | None = None
    is_within: bool | None = None


class TableRowsByScope(TableMetricProvider):
    """The metric that passes the rows of the frame to a scoped expectation."""

    metric_name = METRIC

    @metric_value(engine=PandasExecutionEngine)
    def _read_rows(
        cls,  # noqa: N805 - the decorator makes a class method
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> list[FrameRow]:
        frame, _, _ = execution_engine.get_compute_domain(
            domain_kwargs=metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        with_nulls = frame.astype(object).where(frame.notna(), None)
        return cast(list[FrameRow], with_nulls.to_dict("records"))


class ScopedExpectation(BatchExpectation):
    """Expect a figure of every scope to lie within [minimum, maximum].

    A scope with fewer than `least_records` records is listed but not judged. If no scope of a frame
    can be judged, the expectation fails. `measured_name`, `counted_name` and `scope_kind` are words
    of the rendered sentence.
    """

    minimum: float | None = None
    maximum: float | None = None
    least_records: int = 1
    measured_name: str = ""
    counted_name: str = ""
    scope_kind: str = ""

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("minimum", "maximum", "least_records")
    args_keys: ClassVar[tuple[str, ...]] = ("minimum", "maximum")
    # The beginning of the sentence that describes the expectation; the limits follow it.
    sentence: ClassVar[str] = ""
    # The beginning of the sentence about scopes that are too small to be judged.
    small_scope: ClassVar[str] = "Any $scope_kind with fewer than $least_records $counted_name"

    @abstractmethod
    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """Return the observed value of each scope, before it is judged."""

    @abstractmethod
    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """Return the observed value over all scopes together."""

    def is_within(self, scope: MeasuredScope) -> bool:
        """Return whether the value of a scope lies within the limits or on one of them."""
        value = cast(float, scope.value)
        is_enough = self.minimum is None or value >= self.minimum
        return is_enough and (self.maximum is None or value <= self.maximum)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        rows: list[FrameRow] = metrics[METRIC]
        scopes = [self._judge(scope) for scope in self.measure_scopes(rows)]
        judged = [scope for scope in scopes if scope.is_within is not None]
        outside = [scope for scope in judged if not scope.is_within]
        return {
            "success": bool(judged) and not outside,
            "result": {
                "observed_value": self.observe_together(rows, scopes),
                "element_count": len(judged),
                "unexpected_count": len(outside),
                "details": {"scopes": [asdict(scope) for scope in scopes]},
            },
        }

    def _judge(self, scope: MeasuredScope) -> MeasuredScope:
        if scope.value is None or scope.record_count < self.least_records:
            return scope
        return replace(scope, is_within=self.is_within(scope))

    @classmethod
    def _prescriptive_template(
        cls, renderer_configuration: RendererConfiguration
    ) -> RendererConfiguration:
        """Build the sentence for auditors, in the words of the suite."""
        arguments = renderer_configuration.kwargs
        for name in ("measured_name", "counted_name", "scope_kind"):
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING)
        limits = []
        for name, limit_words in (("minimum", "at least"), ("maximum", "at most")):
            if arguments.get(name) is not None:
                renderer_configuration.add_param(name=name, param_type=RendererValueType.NUMBER)
                limits.append(f"{limit_words} ${name}")
        sentence = f"{cls.sentence} {' and '.join(limits) or 'known'}"
        if arguments.get("least_records", 1) > 1:
            renderer_configuration.add_param(
                name="least_records", param_type=RendererValueType.NUMBER
            )
            sentence += f". {cls.small_scope} is not judged"
        renderer_configuration.template_str = f"{sentence}."
        return renderer_configuration


def join_sentences(contents: list[RenderedAtomicContent]) -> str:
    """Return the rendered sentences of an expectation as plain text."""
    sentences = []
    for content in contents:
        if not content.name.startswith("atomic.prescriptive"):
            continue
        # Great Expectations declares the renderer's output as any JSON value, so it is cast here.
        value = cast(dict[str, Any], content.to_json_dict()["value"])
        text = str(value.get("template") or "")
        parameters: dict[str, Any] = value.get("params") or {}
        for name in sorted(parameters, key=len, reverse=True):
            text = text.replace(f"${name}", str(parameters[name].get("value")))
        sentences.append(text)
    return " ".join(sentences)


class ExpectShareBetween(ScopedExpectation):
    """Expect numerator ÷ denominator to lie within [minimum, maximum] in every scope.

    The frame has one row for each scope: `scope`, `numerator_count`, `denominator_count`.
    """

    sentence = "For each $scope_kind: $measured_name, divided by $counted_name. This share must be"

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """Return the share of each row of the frame."""
        return [_measure_share(row) for row in rows]

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """Return the share over all scopes: the sum of numerators by the sum of denominators."""
        total = sum(scope.record_count for scope in scopes)
        return sum(scope.part_count or 0 for scope in scopes) / total if total else None


def _measure_share(row: FrameRow) -> MeasuredScope:
    numerator, denominator = int(row["numerator_count"] or 0), int(row["denominator_count"] or 0)
    return MeasuredScope(
        scope=str(row["scope"]),
        value=numerator / denominator if denominator else None,
        record_count=denominator,
        part_count=numerator,
    )


class ExpectColumnsToAgree(ScopedExpectation):
    """Expect the coefficient of two columns to lie within [minimum, maximum] in every scope.

    If one code is far more common than others, kappa is low however often the two columns agree.
    AC1 is therefore judged as well. The frame has one row for each scope and pair of codes:
    `scope`, `left_code`, `right_code`, `record_count`.
    """

    sentence = (
        "For each $scope_kind: the agreement beyond chance between $measured_name on "
        "$counted_name must be"
    )
    small_scope = "Any $scope_kind with fewer than $least_records absences recorded by both sources"

    coefficient: str = "ac1"

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """Return the coefficient of agreement in each scope."""
        scopes: dict[str, Pairs] = defaultdict(Counter)
        for row in rows:
            scopes[str(row["scope"])].update(_count_pair(row))
        code_count = _count_codes(rows)
        return [
            MeasuredScope(
                scope=scope,
                value=compute_agreement(pairs, self.coefficient, code_count),
                record_count=pairs.total(),
                part_count=sum(count for (left, right), count in pairs.items() if left == right),
            )
            for scope, pairs in scopes.items()
        ]

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """Return the coefficient of agreement over the pairs of all scopes."""
        pairs: Pairs = Counter()
        for row in rows:
            pairs.update(_count_pair(row))
        return compute_agreement(pairs, self.coefficient, _count_codes(rows))


def _count_pair(row: FrameRow) -> Pairs:
    return Counter({(str(row["left_code"]), str(row["right_code"])): int(row["record_count"])})


def _count_codes(rows: list[FrameRow]) -> int:
    return len({str(row[side]) for row in rows for side in ("left_code", "right_code")})


def compute_agreement(pairs: Pairs, coefficient: str, code_count: int) -> float | None:
    """Return Cohen's `kappa` or Gwet's `ac1` from counts of code pairs; None if undefined.

    `code_count` is the number of codes that either side uses. Sources: Cohen (1960), Educational
    and Psychological Measurement 20: 37-46; Gwet (2008), British Journal of Mathematical and
    Statistical Psychology 61: 29-48.
    """
    total = pairs.total()
    if not total:
        return None
    observed = sum(count for (left, right), count in pairs.items() if left == right) / total
    left_counts: Counter[str] = Counter()
    right_counts: Counter[str] = Counter()
    for (left, right), count in pairs.items():
        left_counts[left] += count
        right_counts[right] += count
    codes = left_counts.keys() | right_counts.keys()
    if coefficient == "kappa":
        by_chance = sum(left_counts[code] * right_counts[code] for code in codes) / total**2
        return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)
    if code_count < 2:
        return None
    means = [(left_counts[code] + right_counts[code]) / (2 * total) for code in codes]
    by_chance = sum(mean * (1 - mean) for mean in means) / (code_count - 1)
    return (observed - by_chance) / (1 - by_chance)


class ExpectIntervalToOverlap(ScopedExpectation):
    """Expect the interval of every scope to overlap [minimum, maximum].

    An estimate from a sample may lie a little outside by chance, so its interval is judged instead.
    The mart contains the interval. The frame has one row for each scope: `scope`, `share`,
    `share_lower`, `share_upper`, `record_count`.
    """

    sentence = (
        "For each $scope_kind: $measured_name, divided by $counted_name. The 95% interval of this "
        "share must include a value of"
    )

    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """Return the share and interval of each row of the frame."""
        return [
            MeasuredScope(
                scope=str(row["scope"]),
                value=row["share"],
                record_count=int(row["record_count"] or 0),
                lower=row["share_lower"],
                upper=row["share_upper"],
            )
            for row in rows
        ]

    def is_within(self, scope: MeasuredScope) -> bool:
        """Return whether the interval overlaps the limits. The share replaces a missing bound."""
        lower = scope.value if scope.lower is None else scope.lower
        upper = scope.value if scope.upper is None else scope.upper
        assert lower is not None and upper is not None
        reaches = self.minimum is None or upper >= self.minimum
        return reaches and (self.maximum is None or lower <= self.maximum)

    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """Return the mean of the shares, weighted by the number of records."""
        known = [scope for scope in scopes if scope.value is not None]
        total = sum(scope.record_count for scope in known)
        if not total:
            return None
        return sum((scope.value or 0) * scope.record_count for scope in known) / total
