"""Our own expectation: a share that lies within an interval, for every scope of a frame.

Great Expectations has no word for "of the periods expected, the share delivered, supplier by
supplier". The frame holds one row a scope with two counts; nothing here knows what is counted.
Importing this module imports Great Expectations, which costs seconds: import it inside a function.
"""

from __future__ import annotations

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

METRIC = "table.counts_by_scope"


class TableCountsByScope(TableMetricProvider):
    """The two counts of every scope: a list of [scope, numerator, denominator]."""

    metric_name = METRIC

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,  # noqa: N805 - the decorator makes a class method
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> list[list[Any]]:
        frame, _, _ = execution_engine.get_compute_domain(
            domain_kwargs=metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        return [
            [str(scope), int(numerator), int(denominator)]
            for scope, numerator, denominator in zip(
                frame["scope"],
                frame["numerator_count"].fillna(0),
                frame["denominator_count"].fillna(0),
                strict=True,
            )
        ]


class ExpectShareBetween(BatchExpectation):
    """Expect numerator ÷ denominator to lie within [minimum, maximum] in every scope.

    The frame holds `scope`, `numerator_count` and `denominator_count`. A scope whose denominator
    is under `least_denominator` is too small to judge: not applicable, listed, never failed. A
    frame that holds no scope to judge fails: nothing measured is not the same as nothing wrong.
    `numerator_name`, `denominator_name` and `scope_kind` are the words of the rendered sentence.
    """

    minimum: float | None = None
    maximum: float | None = None
    least_denominator: int = 1
    numerator_name: str = ""
    denominator_name: str = ""
    scope_kind: str = ""

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("minimum", "maximum", "least_denominator")
    args_keys: ClassVar[tuple[str, ...]] = ("minimum", "maximum")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        scopes = [self._judge(*counts) for counts in metrics[METRIC]]
        judged = [scope for scope in scopes if scope["is_within"] is not None]
        outside = [scope for scope in judged if not scope["is_within"]]
        numerator = sum(scope["numerator_count"] for scope in scopes)
        denominator = sum(scope["denominator_count"] for scope in scopes)
        return {
            "success": bool(judged) and not outside,
            "result": {
                "observed_value": numerator / denominator if denominator else None,
                "element_count": len(judged),
                "unexpected_count": len(outside),
                "details": {"scopes": scopes},
            },
        }

    def _judge(self, scope: str, numerator: int, denominator: int) -> dict[str, Any]:
        """One scope: its counts, its share, and whether that is within (None: too small)."""
        share = numerator / denominator if denominator else None
        is_large_enough = share is not None and denominator >= self.least_denominator
        return {
            "scope": scope,
            "numerator_count": numerator,
            "denominator_count": denominator,
            "share": share,
            "is_within": self._is_within(share) if is_large_enough and share is not None else None,
        }

    def _is_within(self, share: float) -> bool:
        is_enough = self.minimum is None or share >= self.minimum
        return is_enough and (self.maximum is None or share <= self.maximum)

    @classmethod
    def _prescriptive_template(
        cls, renderer_configuration: RendererConfiguration
    ) -> RendererConfiguration:
        """The sentence that an auditor reads, in the words given by the suite."""
        given = renderer_configuration.kwargs
        for name in ("numerator_name", "denominator_name", "scope_kind"):
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING)
        limits = []
        for name, limit_words in (("minimum", "at least"), ("maximum", "at most")):
            if given.get(name) is not None:
                renderer_configuration.add_param(name=name, param_type=RendererValueType.NUMBER)
                limits.append(f"{limit_words} ${name}")
        sentence = (
            "In every $scope_kind, of $denominator_name the share of $numerator_name must be "
        )
        sentence += " and ".join(limits) or "known"
        if given.get("least_denominator", 1) > 1:
            renderer_configuration.add_param(
                name="least_denominator", param_type=RendererValueType.NUMBER
            )
            sentence += "; fewer than $least_denominator are not judged"
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
