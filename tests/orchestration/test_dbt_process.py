"""dbt's command as loads run it: no work for messages that nobody logs, and no message lost."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest
from dbt.adapters.events.types import ConnectionReused
from dbt.compilation import InjectedCTE, inject_ctes_into_sql
from dbt.events.types import NoNodesForSelectionCriteria
from dbt.graph.selector_methods import is_selected_node
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.exceptions.events import EventCompilationError

from orchestration.dbt import WarehouseBusyError, warehouse_lock
from orchestration.dbt_process import (
    LevelledEventManager,
    inject_after_with,
    make_messages_late,
    match_plain_names,
    writer_lock,
)
from register.settings import PROJECT_ROOT, Settings

DEBUG = ConnectionReused(conn_name="debug")
WARNING = NoNodesForSelectionCriteria(spec_raw="warning")


class _Logger:
    def __init__(self, level: EventLevel) -> None:
        self.level = level
        self.filter = lambda message: True
        self.written: list[str] = []

    def write_line(self, message: SimpleNamespace) -> None:
        self.written.append(message.info.level)


@pytest.mark.parametrize(
    ("level", "written"),
    [(EventLevel.INFO, ["warn"]), (EventLevel.DEBUG, ["debug", "warn"])],
)
def test_a_message_is_made_if_a_logger_takes_it(level: EventLevel, written: list[str]) -> None:
    """Prevents a warning from being lost, and a debug log from being empty when it is asked for."""
    manager, logger = LevelledEventManager(), _Logger(level)
    manager.loggers.append(logger)  # type: ignore[arg-type]
    manager.fire_event(DEBUG)
    manager.fire_event(WARNING)
    assert logger.written == written


def test_a_debug_event_raised_to_a_warning_is_written() -> None:
    """Prevents losing what dbt says at another level than the event's own."""
    manager, logger = LevelledEventManager(), _Logger(EventLevel.INFO)
    manager.loggers.append(logger)  # type: ignore[arg-type]
    manager.fire_event(DEBUG, level=EventLevel.WARN)
    assert logger.written == ["warn"]


def test_a_debug_event_that_must_be_an_error_is_one() -> None:
    """Prevents `--warn-error` from passing over what dbt asks to be judged."""
    manager = LevelledEventManager()
    manager.warn_error = True
    with pytest.raises(EventCompilationError):
        manager.fire_event(DEBUG, force_warn_or_error_handling=True)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events as dbt's process has them, for one test."""
    monkeypatch.setattr(BaseEvent, "__init__", BaseEvent.__init__)
    monkeypatch.setattr(BaseEvent, "pb_msg", None, raising=False)
    make_messages_late()


@pytest.mark.usefixtures("late")
def test_a_late_message_says_what_an_early_one_said() -> None:
    """Prevents a field of an event from being lost between its making and its logging."""
    event = NoNodesForSelectionCriteria(spec_raw="warning")
    assert "pb_msg" not in event.__dict__
    assert event.to_json() == WARNING.to_json()
    assert event.spec_raw == "warning"
    event.spec_raw = "another"
    assert event.to_dict() == {"spec_raw": "another"}


@pytest.mark.usefixtures("late")
def test_a_late_message_of_wrong_fields_still_is_one() -> None:
    """Prevents a load from ending by an event whose fields dbt itself passes over."""
    with pytest.raises(Exception, match="Unable to parse logging event"):
        NoNodesForSelectionCriteria(no_such_field=1).to_json()


@pytest.mark.parametrize(
    "sql",
    [
        "with a as (select 1) select * from a",
        "\n\n-- with a comment\n/* with\nanother */ WITH\na as (select 1)\nselect * from a",
        "with recursive a as (select 1) select * from a",
        "with\n\nrecursive\n a as (select 1) select * from a",
        "with/* a comment */ a as (select 1) select * from a",
        "with recursively as (select 1) select * from recursively",
        "select 1",
        "without_a",
        "-- with",
        "(with a as (select 1) select * from a)",
        "",
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_ephemeral_models_are_put_where_dbt_puts_them(sql: str, count: int) -> None:
    """Prevents a query that differs from the one that dbt itself compiles."""
    ctes = [
        InjectedCTE(id=f"{n}", sql=f" __dbt__cte__{n} as (\nselect {n}\n)") for n in range(count)
    ]
    if not sql and ctes:
        return
    assert inject_after_with(inject_ctes_into_sql)(sql, ctes) == inject_ctes_into_sql(sql, ctes)


def test_a_query_that_begins_with_a_with_is_not_parsed() -> None:
    """Prevents the work that this is to spare."""

    def refuse(sql: str, ctes: list[InjectedCTE]) -> str:
        raise AssertionError(sql, ctes)

    cte = InjectedCTE(id="a", sql=" a as (select 1)")
    assert inject_after_with(refuse)("with b as (select 2)", [cte]) == (
        "with  a as (select 1), b as (select 2)"
    )


CHILD = """
import time
from register.processes import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(600)
"""
PARENT = f"""
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_ends_with_the_load_that_was_killed() -> None:
    """Prevents dbt from writing the warehouse while the next load does."""
    killed = subprocess.run(
        [sys.executable, "-c", PARENT], cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -9
    deadline = time.monotonic() + 60
    while _runs(int(killed.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(killed.stdout))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_dbt_holds_the_warehouse_as_long_as_it_writes(settings: Settings) -> None:
    """Prevents two builds in one warehouse, when whoever started the first was killed."""
    with writer_lock(settings.warehouse, ["--quiet", "parse"]), warehouse_lock(settings):
        pass
    with writer_lock(settings.warehouse, ["build", "--exclude", "a"]):
        with pytest.raises(WarehouseBusyError, match="was killed"), warehouse_lock(settings):
            pass
        with (
            pytest.raises(SystemExit, match="another dbt"),
            writer_lock(settings.warehouse, ["build"]),
        ):
            pass
    with warehouse_lock(settings):
        pass


@pytest.mark.parametrize(
    "path",
    [
        ["register", "staging", "reports"],
        ["register", "reports.yml", "not_null"],
        ["reports", "marts", "children"],
        ["reports.v2", "children"],
        ["children"],
        ["register", "reports", "v2"],
    ],
)
@pytest.mark.parametrize(
    "selection", ["reports", "register", "children", "v2", "staging", "report", "re*", "a.reports"]
)
@pytest.mark.parametrize("is_versioned", [False, True])
def test_a_name_selects_what_dbt_selects(
    path: list[str], selection: str, is_versioned: bool
) -> None:
    """Prevents a node that is built, or left out, where dbt itself would not."""
    if is_versioned and len(path) == 1:
        return
    quick = match_plain_names(is_selected_node)
    expected = is_selected_node(path, selection, is_versioned)
    assert quick(path, selection, is_versioned) == expected
