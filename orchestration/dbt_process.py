"""dbt's own command line, with less work beside it: what `register-dbt` runs.

dbt makes a message of every debug event, first of its fields, then in JSON, before its logger drops
it by level; it parses the whole SQL of a model to find the `with` that it begins with; it compares
every name that is selected or left out with every part of every node's path; and Python's collector
walks a manifest of some hundred thousand objects again and again. They were more than a fifth of a
build's processor time. Nothing that is logged, selected or compiled changes.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
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
# Where an event keeps its message and, until that is made, its fields.
MESSAGE, FIELDS = "pb_msg", "fields_given"
# Blanks and comments, then the `with` of a query.
OPENING = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\b(?:\s+recursive\b)?\s*", re.IGNORECASE | re.DOTALL
)
# A selection that can only be the name of a node or of the project: no wildcard, no path.
PLAIN_NAME = re.compile(r"\w+")
WRITER_LOCK = "dbt.lock"
# The option of dbt that names a target of the profile, and the target of Spark.
TARGET, SPARK = "--target", "spark"
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


class LateMessage:
    """The message of an event, made of its fields when it is first asked for."""

    def __init__(self, make: Callable[..., None]) -> None:
        self._make = make

    def __get__(self, event: BaseEvent, owner: type | None = None) -> Any:
        """The message; `make`, the event's own constructor, sets it."""
        if MESSAGE not in event.__dict__:
            arguments, fields = event.__dict__[FIELDS]
            self._make(event, *arguments, **fields)
        return event.__dict__[MESSAGE]

    def __set__(self, event: BaseEvent, message: Any) -> None:
        """Keep a message that was made."""
        event.__dict__[MESSAGE] = message


def make_messages_late() -> None:
    """Have events keep their fields and make their message once somebody reads it."""

    def keep_fields(event: BaseEvent, *arguments: Any, **fields: Any) -> None:
        event.__dict__[FIELDS] = arguments, fields

    if not isinstance(BaseEvent.__dict__.get(MESSAGE), LateMessage):
        setattr(BaseEvent, MESSAGE, LateMessage(BaseEvent.__init__))
        setattr(BaseEvent, "__init__", keep_fields)  # noqa: B010 mypy refuses the assignment


def inject_after_with(inject: Callable[[str, list[Any]], str]) -> Callable[[str, list[Any]], str]:
    """`inject`, dbt's own way to put ephemeral models before a query, without parsing the query.

    The text is the same. A query that does not begin with a `with` is left to dbt.
    """

    def inject_quickly(sql: str, ctes: list[Any]) -> str:
        opening = OPENING.match(sql)
        if not ctes or opening is None:
            return inject(sql, ctes)
        end = opening.end()
        return f"{sql[:end]}{', '.join(cte.sql for cte in ctes)}, {sql[end:]}"

    return inject_quickly


def match_plain_names(
    is_selected: Callable[[list[str], str, bool], bool],
) -> Callable[[list[str], str, bool], bool]:
    """`is_selected`, dbt's own comparison of a node with a selection, quick for a plain name.

    Such a name is the last part of a node's path, or the first. What is versioned is left to dbt.
    """

    def is_selected_quickly(path: list[str], selection: str, is_versioned: bool) -> bool:
        if is_versioned or not PLAIN_NAME.fullmatch(selection):
            return is_selected(path, selection, is_versioned)
        return path[-1] == selection or path[0].split(".", maxsplit=1)[0] == selection

    return is_selected_quickly


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


def is_on_spark(arguments: Sequence[str]) -> bool:
    """Whether dbt was asked for the target that runs the models on Spark."""
    return (TARGET, SPARK) in itertools.pairwise(arguments)


def main() -> None:
    """Run dbt with the arguments of this process, and no longer than whoever started it."""
    end_with_parent()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    make_messages_late()
    ctx_set_event_manager(LevelledEventManager())

    from dbt import compilation
    from dbt.cli.main import cli
    from dbt.graph import selector_methods

    inject = inject_after_with(compilation.inject_ctes_into_sql)
    setattr(compilation, "inject_ctes_into_sql", inject)  # noqa: B010 mypy refuses the assignment
    is_selected = match_plain_names(selector_methods.is_selected_node)
    setattr(selector_methods, "is_selected_node", is_selected)  # noqa: B010 the same

    if is_on_spark(sys.argv[1:]):
        from orchestration.spark import install

        install()
    with writer_lock(load_settings().warehouse, sys.argv[1:]):
        sys.exit(cli())
