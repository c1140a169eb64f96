"""Measures what was published: suites of expectations, and their results.

One direction: `suites` list what is expected, `validate` measures a published generation against
them, `results` keeps what was found. The quality site, which shows it, is
`interfaces.quality_site`. This package reads published marts and nothing else, and it never stops
a load. What must be true before publication is a data test of dbt.
"""

from __future__ import annotations

from expectations.ahead import import_ahead
from expectations.published_marts import (
    REGISTER_FILE,
    MartUnreadableError,
    NotPublishedError,
    Published,
    generation_to_measure,
)
from expectations.released import RELEASED_RELATIONS
from expectations.results import (
    FAILED,
    NOT_APPLICABLE,
    NOT_MEASURED,
    PASSED,
    Result,
    measured_generations,
    read_results,
    wholes,
    write_results,
)
from expectations.simulated_nation import read_simulated_nation
from expectations.suites import (
    BOTH_EXPECTED,
    SUITES,
    ExpectationSpec,
    ScopedMeasure,
    SuiteSpec,
    all_specs,
    expectation_specs,
    figure_text,
    read_tolerances,
)
from expectations.validate import MeasureSummary, measure

__all__ = [
    "BOTH_EXPECTED",
    "FAILED",
    "NOT_APPLICABLE",
    "NOT_MEASURED",
    "PASSED",
    "REGISTER_FILE",
    "RELEASED_RELATIONS",
    "SUITES",
    "ExpectationSpec",
    "MartUnreadableError",
    "MeasureSummary",
    "NotPublishedError",
    "Published",
    "Result",
    "ScopedMeasure",
    "SuiteSpec",
    "all_specs",
    "expectation_specs",
    "figure_text",
    "generation_to_measure",
    "import_ahead",
    "measure",
    "measured_generations",
    "read_results",
    "read_simulated_nation",
    "read_tolerances",
    "wholes",
    "write_results",
]
