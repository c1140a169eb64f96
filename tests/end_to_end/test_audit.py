"""The whole dbt project, with every data test and unit test, warnings as errors."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Result

pytestmark = pytest.mark.slow


DECLARED = {("exposure", "no-op"), ("saved_query", "no-op")}


def test_every_dbt_test_passes_without_a_warning(audit_results: list[Result]) -> None:
    """Prevents a unit test that nobody runs, since a load tries data and not code."""
    kinds = {result["unique_id"].split(".")[0] for result in audit_results}
    assert {"model", "seed", "test", "unit_test"} <= kinds
    wrong = {
        result["unique_id"]: (result["status"], result["message"])
        for result in audit_results
        if result["status"] not in {"success", "pass"}
        # An exposure or a saved query says who reads what: there is nothing to run.
        and (result["unique_id"].split(".")[0], result["status"]) not in DECLARED
    }
    assert wrong == {}
