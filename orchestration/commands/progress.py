"""The progress of a load at a terminal: one line a step, the build counted node by node."""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import Self

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from orchestration.dbt import dbt_target
from orchestration.rules import event_count
from register.settings import Settings

STEPS = {
    "land_deliveries": "Land deliveries",
    "build_register": "Build and audit",
    "published__generation": "Publish",
    "measure_register": "Measure",
    "outbox__feedback": "Tell suppliers",
    "hold_marts_to_tolerances": "Report checks",
}
BUILD = "build_register"
NODE_EVENTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}


class LoadProgress:
    """Shows the events of one run; use as a context, and give it to the runner."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/green]"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            # Bound to the stream as it is now: the run sends the stream itself to its log.
            console=Console(file=sys.stderr),
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def on_event(self, event: dg.DagsterEvent) -> None:
        """Show one event of the run."""
        step = event.step_key
        if step is None or step not in STEPS:
            return
        if event.event_type == dg.DagsterEventType.STEP_START and step not in self._tasks:
            total = self._node_count() if step == BUILD else 1
            self._tasks[step] = self._progress.add_task(STEPS[step], total=total)
        elif event.event_type in NODE_EVENTS and step == BUILD:
            self._progress.advance(self._tasks[step])
        elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            task = self._progress.tasks[self._tasks[step]]
            self._progress.update(
                task.id, total=max(task.completed, 1), completed=task.completed or 1
            )
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            self._progress.update(self._tasks[step], description=f"[red]{STEPS[step]} failed[/red]")

    def on_message(self, step: str, message: str) -> None:
        """Show the progress of landing; what other steps log goes to the run's log only."""
        if step in self._tasks and message.startswith(STEPS[step]):
            self._progress.update(self._tasks[step], description=message)

    def _node_count(self) -> int | None:
        path = dbt_target(self._settings) / "manifest.json"
        if not path.exists():
            return None
        nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
        return sum(event_count(node) for node in nodes)
