"""The suites of expectations, one YAML file for each concern, and their agreed tolerances.

Listing them needs no data and does not import Great Expectations. `expectations.validate` judges
the expectations.
"""

from __future__ import annotations

from expectations.suites import keys
from expectations.suites.specs import (
    ColumnsMeasure,
    EqualMeasure,
    ExpectationSpec,
    IntervalMeasure,
    Measure,
    PresentMeasure,
    ScopedMeasure,
    ShareMeasure,
    SuiteSpec,
    TextMeasure,
    TotalMeasure,
)
from expectations.suites.suite_files import read_suite
from expectations.suites.tolerances import (
    Tolerance,
    ToleranceError,
    format_figure,
    format_tolerance,
    read_tolerances,
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
    "SuiteSpec",
    "TextMeasure",
    "Tolerance",
    "ToleranceError",
    "TotalMeasure",
    "all_specs",
    "format_figure",
    "format_tolerance",
    "read_tolerances",
]

# The condition for episodes that both the police and an authority should have recorded.
BOTH_EXPECTED = "is_police_expected and is_authority_expected"

SUITES: tuple[SuiteSpec, ...] = (
    read_suite("coverage"),
    read_suite("completeness"),
    read_suite("conformance"),
    read_suite("agreement"),
    read_suite("trend"),
    read_suite("linkage"),
    read_suite("reconciliation"),
    keys.SUITE,
    read_suite("disclosure"),
    read_suite("publication"),
)


def all_specs() -> tuple[ExpectationSpec, ...]:
    """Return every expectation of every suite, in the order in which the site shows them."""
    return tuple(spec for suite in SUITES for spec in suite.expectations)
