"""Measurement of a published generation's accuracy: suites of expectations and their results.

It reads only published marts and never stops a load: dbt tests the conditions that must hold before
publication. `interfaces.quality_site` shows the results.
"""

from __future__ import annotations

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
    index_overall_results,
    list_measured_generations,
    read_results,
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
    format_figure,
    read_tolerances,
)
from expectations.validate import MeasureSummary, import_ahead, measure

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
    "format_figure",
    "generation_to_measure",
    "import_ahead",
    "index_overall_results",
    "list_measured_generations",
    "measure",
    "read_results",
    "read_simulated_nation",
    "read_tolerances",
    "write_results",
]
