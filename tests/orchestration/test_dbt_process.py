"""dbt's command as loads run it: no work for messages that nobody logs, and no message lost."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest
from dbt.adapters.events.types import ConnectionReused
from dbt.events.types import NoNodesForSelectionCriteria
from dbt_common.events.base_types import EventLevel
from dbt_common.exceptions.events import EventCompilationError

from orchestration.dbt import WarehouseBusyError, warehouse_lock
from orchestration.dbt_process import LevelledEventManager, writer_lock
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
