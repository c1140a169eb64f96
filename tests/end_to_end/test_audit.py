"""The whole dbt project, with every data test and unit test, warnings as errors."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import build

pytestmark = pytest.mark.slow


def test_every_dbt_test_passes_without_a_warning(nation: Nation) -> None:
    """Prevents a unit test that nobody runs, since a load tries data and not code."""
    build(nation.settings, "audited", has_tests=True)
    results = nation.settings.warehouse / "dbt" / "target" / "run_results.json"
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    kinds = {result["unique_id"].split(".")[0] for result in found}
    assert {"model", "seed", "test", "unit_test"} <= kinds
    assert {result["status"] for result in found} <= {"success", "pass"}
