"""The suites: one module a concern, each a list of specs; and the tolerances agreed for them.

Listing them needs no data and does not import Great Expectations. How a spec is judged is in
`expectations.validate`.
"""

from __future__ import annotations

from expectations.suites import (
    agreement,
    completeness,
    conformance,
    coverage,
    disclosure,
    keys,
    linkage,
    publication,
    reconciliation,
    trend,
)
from expectations.suites.agreement import BOTH_EXPECTED
from expectations.suites.specs import (
    ColumnsMeasure,
    EqualMeasure,
    ExpectationSpec,
    IntervalMeasure,
    Measure,
    PresentMeasure,
    ScopedMeasure,
    ShareMeasure,
    SpecSummary,
    SuiteSpec,
    TextMeasure,
    TotalMeasure,
)
from expectations.suites.tolerances import (
    Tolerance,
    ToleranceError,
    figure_text,
    read_tolerances,
    tolerance_text,
)

__all__ = [
    "BOTH_EXPECTED",
    "SUITES",
    "ColumnsMeasure",
    "EqualMeasure",
    "ExpectationSpec",
    "IntervalMeasure",
    "Measure",
    "PresentMeasure",
    "ScopedMeasure",
    "ShareMeasure",
    "SpecSummary",
    "SuiteSpec",
    "TextMeasure",
    "Tolerance",
    "ToleranceError",
    "TotalMeasure",
    "all_specs",
    "expectation_specs",
    "figure_text",
    "read_tolerances",
    "tolerance_text",
]

SUITES: tuple[SuiteSpec, ...] = (
    coverage.SUITE,
    completeness.SUITE,
    conformance.SUITE,
    agreement.SUITE,
    trend.SUITE,
    linkage.SUITE,
    reconciliation.SUITE,
    keys.SUITE,
    disclosure.SUITE,
    publication.SUITE,
)


def all_specs() -> tuple[ExpectationSpec, ...]:
    """Every expectation of every suite, in the order in which they are read."""
    return tuple(spec for suite in SUITES for spec in suite.expectations)


def expectation_specs() -> tuple[SpecSummary, ...]:
    """Suite, name, description and severity of every expectation: for asset checks."""
    tolerances = read_tolerances()
    return tuple(
        SpecSummary(
            suite=spec.suite,
            name=spec.name,
            description=spec.sentence,
            severity=tolerances[spec.name].severity,
        )
        for spec in all_specs()
    )
