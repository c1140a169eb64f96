"""dbt's command as loads run it: no work for messages that nobody logs, and no message lost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dbt.adapters.events.types import ConnectionReused
from dbt.events.types import NoNodesForSelectionCriteria
from dbt_common.events.base_types import EventLevel
from dbt_common.exceptions.events import EventCompilationError

from orchestration.dbt_process import LevelledEventManager

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
