"""What our own expectations share: each scope of a small frame is measured and judged by itself.

Great Expectations judges rows; an auditor asks of suppliers, authorities and years. The frame holds
counts, codes and shares that a mart states, never a record. Importing this module imports Great
Expectations, which costs seconds: import it inside a function.
"""

from __future__ import annotations

from abc import abstractmethod
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


@dataclass(frozen=True)
class MeasuredScope:
    """One scope: what was observed over how many records, and whether that is within tolerance.

    `part_count` is the count above the line of a share; `is_within` None means too small to judge.
    """

    scope: str
    value: float | None
    record_count: int
    part_count: int | None = None
    lower: float | None = None
    upper: float | None = None
    is_within: bool | None = None


class TableRowsByScope(TableMetricProvider):
    """The rows of the frame, which has a few for each scope."""

    metric_name = METRIC

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
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
        known = frame.astype(object).where(frame.notna(), None)
        return cast(list[FrameRow], known.to_dict("records"))


class ScopedExpectation(BatchExpectation):
    """Expect a figure of every scope to lie within [minimum, maximum].

    A scope with fewer than `least_records` is too small to judge: listed, never failed. A frame
    without a scope to judge fails: nothing measured is not the same as nothing wrong.
    `measured_name`, `counted_name` and `scope_kind` are the words of the rendered sentence.
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

    @abstractmethod
    def measure_scopes(self, rows: list[FrameRow]) -> list[MeasuredScope]:
        """What is observed in each scope, not yet judged."""

    @abstractmethod
    def observe_together(self, rows: list[FrameRow], scopes: list[MeasuredScope]) -> float | None:
        """What is observed when all scopes are taken together."""

    def is_within(self, scope: MeasuredScope) -> bool:
        """Whether a scope's figure lies within the limits, which are included."""
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
    def sentence(cls) -> str:
        """The sentence's beginning, with `$measured_name`, `$counted_name` and `$scope_kind`."""
        raise NotImplementedError

    @classmethod
    def _prescriptive_template(
        cls, renderer_configuration: RendererConfiguration
    ) -> RendererConfiguration:
        """The sentence that an auditor reads, in the words given by the suite."""
        given = renderer_configuration.kwargs
        for name in ("measured_name", "counted_name", "scope_kind"):
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING)
        limits = []
        for name, limit_words in (("minimum", "at least"), ("maximum", "at most")):
            if given.get(name) is not None:
                renderer_configuration.add_param(name=name, param_type=RendererValueType.NUMBER)
                limits.append(f"{limit_words} ${name}")
        sentence = f"{cls.sentence()} {' and '.join(limits) or 'known'}"
        if given.get("least_records", 1) > 1:
            renderer_configuration.add_param(
                name="least_records", param_type=RendererValueType.NUMBER
            )
            sentence += "; fewer than $least_records are not judged"
        renderer_configuration.template_str = f"{sentence}."
        return renderer_configuration


def rendered_sentence(contents: list[RenderedAtomicContent]) -> str:
    """What Great Expectations' own renderer says of an expectation, as plain text."""
    sentences = []
    for content in contents:
        if not content.name.startswith("atomic.prescriptive"):
            continue
        # The renderer's own type is any JSON.
        value = cast(dict[str, Any], content.to_json_dict()["value"])
        text = str(value.get("template") or "")
        parameters: dict[str, Any] = value.get("params") or {}
        for name in sorted(parameters, key=len, reverse=True):
            text = text.replace(f"${name}", str(parameters[name].get("value")))
        sentences.append(text)
    return " ".join(sentences)
