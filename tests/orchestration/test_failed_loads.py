"""What the history of loads keeps of a failure: rules and deliveries, and no value."""

from __future__ import annotations

import pytest

from orchestration.defs.failure import record_failure
from register.load_history import find_failed_run, read_loads, start_record
from register.settings import Settings

RULES = (
    "fct_reports.end_is_not_before_start is broken by 1,200 rows, of D1, D2",
    "fct_episodes.key_is_unique is broken by 1 row",
)
ERROR = f"Could not convert 'Ann Example' to a date\n{RULES[0]}\n{RULES[1]}\n{RULES[0]}\n"


def test_the_history_has_broken_rules_and_no_text_of_an_error(settings: Settings) -> None:
    """Prevents the name of a child, which an error quotes, from reaching a file or a page."""
    load = start_record(settings, "load_register", "the run", None)
    record_failure(settings, load, "build_register", ERROR)
    (recorded,) = read_loads(settings)
    assert (recorded.outcome, recorded.step, recorded.faults) == ("failed", "build_register", RULES)
    assert recorded.advice
    assert "Ann Example" not in (settings.dagster / "loads.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(("job", "is_load"), [("rebuild", True), ("look_back", False)])
def test_only_loads_leave_a_trace(settings: Settings, job: str, is_load: bool) -> None:
    """Prevents a failed look back from being shown as the last load."""
    record_failure(settings, start_record(settings, job, "the run", None), advice="Start again.")
    assert (find_failed_run(settings) == "the run") is is_load
    assert [load.advice for load in read_loads(settings)] == ["Start again."] * is_load
