"""dbt's own command line, with less work beside it: what `register-dbt` runs.

dbt makes a message of every debug event, in JSON with its fields checked, before its logger drops
it by level; and Python's collector walks a manifest of some hundred thousand objects again and
again. The two were a sixth of a build's processor time. Nothing that is logged changes.
"""

from __future__ import annotations

import fcntl
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager

from register.processes import end_with_parent
from register.settings import load_settings

# Objects made between two collections: dbt's graph lives as long as the process.
COLLECTOR_THRESHOLDS = (300_000, 10, 100)
UNLOGGED = frozenset({EventLevel.DEBUG, EventLevel.TEST})
WRITER_LOCK = "dbt.lock"
# Commands of dbt that write the warehouse.
WRITING = frozenset({"build", "run", "run-operation", "seed", "snapshot", "test"})


class LevelledEventManager(EventManager):
    """dbt's event manager, which makes no message of a debug event that no logger takes."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        """Pass an event on, unless it is a debug event and every logger is above that level.

        dbt's own callback takes warnings alone.
        """
        is_unlogged = (level or e.level_tag()) in UNLOGGED and not self._logs_debug()
        if is_unlogged and not force_warn_or_error_handling:
            return
        super().fire_event(e, level, node, force_warn_or_error_handling)

    def _logs_debug(self) -> bool:
        return any(logger.level in UNLOGGED for logger in self.loggers)


@contextmanager
def writer_lock(warehouse: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Hold the warehouse while dbt writes it; ends this process where another dbt does.

    Whoever started dbt holds a lock too (`orchestration.dbt.warehouse_lock`) and may be killed:
    this one lasts as long as dbt itself.
    """
    if not WRITING & set(arguments):
        yield
        return
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / WRITER_LOCK).open("a", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another dbt is writing the warehouse of this home: wait for it to end")
        yield


def main() -> None:
    """Run dbt with the arguments of this process, and no longer than whoever started it."""
    end_with_parent()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    ctx_set_event_manager(LevelledEventManager())

    from dbt.cli.main import cli

    with writer_lock(load_settings().warehouse, sys.argv[1:]):
        sys.exit(cli())
