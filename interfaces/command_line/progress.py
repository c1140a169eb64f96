"""Display of a load's progress, with a count of the models that dbt has built.

At a terminal, each step has one line. If the output is a pipe or a file, plain lines say when a
step begins, how far it is, and when it ends.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Self

import dagster as dg
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
)

from interfaces.command_line.console import open_lasting_console
from interfaces.command_line.step_progress import build_display
from orchestration.dbt import dbt_target
from register.settings import Settings

STEPS = {
    "land_deliveries": "Land deliveries",
    "build_register": "Build and audit",
    "published__generation": "Publish",
    "served__parquet": "Serve Parquet",
    "served__postgres": "Serve PostgreSQL",
    "served__lake": "Serve the lake",
    "measure_register": "Measure",
    "outbox__feedback": "Tell suppliers",
    "hold_marts_to_tolerances": "Report checks",
}
BUILD = "build_register"
WAITS = "waits for another run to finish it"
# About how many progress lines a build prints.
PARTS = 10
NODE_EVENTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}


def open_progress(settings: Settings) -> LoadProgress | PlainProgress:
    """Return a context manager that shows the events of one run on standard error."""
    return LoadProgress(settings) if sys.stderr.isatty() else PlainProgress(settings)


class PlainProgress:
    """Writer of a run's events as lines, each with the time since the run began.

    If the reader of the lines ends, as in `register load 2>&1 | head`, the load continues.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._console = open_lasting_console()
        self._start_time = time.monotonic()
        self._total: int | None = None
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing, because every line is already written."""

    def on_event(self, event: dg.DagsterEvent) -> None:
        """Write one event of the run. For the build, write a line for each tenth of its nodes."""
        step = event.step_key
        if step is None or step not in STEPS:
            return
        if is_waiting(event):
            self._write_line(f"{STEPS[step]}: {WAITS}")
        elif event.event_type == dg.DagsterEventType.STEP_START:
            self._total = count_nodes(self._settings) if step == BUILD else None
            self._write_line(f"{STEPS[step]}: started")
        elif event.event_type in NODE_EVENTS and step == BUILD:
            self._count_node()
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            self._write_line(f"{STEPS[step]}: done")
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            self._write_line(f"{STEPS[step]}: failed")

    def on_message(self, step: str, message: str) -> None:
        """Write the progress of landing. Messages of other steps only go to the run's log."""
        if message.startswith(STEPS.get(step, ":")):
            self._write_line(message)

    def on_wait(self) -> None:
        """Write that the load waits for another run."""
        self._write_line(f"Load: {WAITS}")

    def _count_node(self) -> None:
        self._done += 1
        part = max((self._total or 0) // PARTS, 1)
        if self._total and self._done % part == 0:
            self._write_line(f"{STEPS[BUILD]}: {self._done:,} of {self._total:,}")

    def _write_line(self, line: str) -> None:
        since = timedelta(seconds=int(time.monotonic() - self._start_time))
        self._console.print(f"{since} {line}", markup=False, highlight=False, soft_wrap=True)


class LoadProgress:
    """Display of a run's events as progress bars at a terminal, during a `with` block."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks: dict[str, TaskID] = {}
        self._progress = build_display(BarColumn(), MofNCompleteColumn())

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_event(self, event: dg.DagsterEvent) -> None:
        """Show one event of the run."""
        step = event.step_key
        if step is None or step not in STEPS:
            return
        if is_waiting(event):
            self._tasks[step] = self._progress.add_task(f"{STEPS[step]} {WAITS}", total=None)
        elif event.event_type == dg.DagsterEventType.STEP_START:
            self._start_step(step)
        elif event.event_type in NODE_EVENTS and step == BUILD:
            self._progress.advance(self._tasks[step])
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            task = self._progress.tasks[self._tasks[step]]
            self._progress.update(
                task.id, total=max(task.completed, 1), completed=task.completed or 1
            )
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            self._progress.update(self._tasks[step], description=f"[red]{STEPS[step]} failed[/red]")

    def _start_step(self, step: str) -> None:
        total = count_nodes(self._settings) if step == BUILD else 1
        if step in self._tasks:
            self._progress.reset(self._tasks[step], total=total, description=STEPS[step])
        else:
            self._tasks[step] = self._progress.add_task(STEPS[step], total=total)

    def on_wait(self) -> None:
        """Show that the load waits for another run."""
        self._progress.add_task(f"Load {WAITS}", total=None)

    def on_message(self, step: str, message: str) -> None:
        """Show the progress of landing. Messages of other steps only go to the run's log."""
        if step in self._tasks and message.startswith(STEPS[step]):
            self._progress.update(self._tasks[step], description=message)


def is_waiting(event: dg.DagsterEvent) -> bool:
    """Return whether an event says that a step waits for a pool that another run uses."""
    if event.event_type != dg.DagsterEventType.ENGINE_EVENT:
        return False
    return "pool" in event.engine_event_data.metadata and "still" not in (event.message or "")


def count_nodes(settings: Settings) -> int | None:
    """Return the number of results that a build will report; None if the project is not parsed."""
    path = dbt_target(settings) / "manifest.json"
    try:
        nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    kinds = {"model", "seed", "snapshot", "test"}
    return sum(
        node["resource_type"] in kinds and node["config"].get("materialized") != "ephemeral"
        for node in nodes
    )
