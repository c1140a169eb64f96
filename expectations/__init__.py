"""Measures what was published: suites of expectations, their results, and the quality site.

One direction: `suites` list what is expected, `validate` measures a published generation against
them, `results` keeps what was found, `site` shows it. Everything outside uses this door, or
`expectations.site` for the site. It reads published marts and nothing else, and it never stops a
load. What must be true before publication is a data test of dbt.
"""

from __future__ import annotations

from expectations.ahead import import_ahead
from expectations.published import NotPublishedError, generation_to_measure
from expectations.released import RELEASED_RELATIONS
from expectations.results import NOT_APPLICABLE, Result, read_results, write_results
from expectations.suites import all_specs, expectation_specs
from expectations.validate import MeasureSummary, measure

__all__ = [
    "NOT_APPLICABLE",
    "RELEASED_RELATIONS",
    "MeasureSummary",
    "NotPublishedError",
    "Result",
    "all_specs",
    "expectation_specs",
    "generation_to_measure",
    "import_ahead",
    "measure",
    "read_results",
    "write_results",
]
