"""Display of the steps of a command that takes minutes, such as training a linkage model.

At a terminal each step has one line. If the output is a pipe or a file, a plain line says when a
step begins. A load has a display of its own (`progress`).
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Self

from rich.progress import (
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from interfaces.command_line.console import open_lasting_console


def open_step_progress() -> StepProgress | PlainSteps:
    """Return a context manager that shows the steps of a command on standard error."""
    return StepProgress() if sys.stderr.isatty() else PlainSteps()


def build_display(*columns: ProgressColumn) -> Progress:
    """Return a display of steps with a spinner, a description, these columns and the time."""
    return Progress(
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}", markup=False),
        *columns,
        TimeElapsedColumn(),
        console=open_lasting_console(),
        redirect_stdout=False,
        redirect_stderr=False,
    )


class PlainSteps:
    """Writer of steps as lines, each with the time since the command began."""

    def __init__(self) -> None:
        self._console = open_lasting_console()
        self._start_time = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing, because every line is already written."""

    def on_step(self, step: str) -> None:
        """Write that a step begins."""
        since = timedelta(seconds=int(time.monotonic() - self._start_time))
        self._console.print(f"{since} {step}", markup=False, highlight=False, soft_wrap=True)


class StepProgress:
    """Display of steps at a terminal, during a `with` block.

    Steps that differ only after a comma, such as rounds, share a line.
    """

    def __init__(self) -> None:
        self._task: TaskID | None = None
        self._line = ""
        self._progress = build_display()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self._finish_step()
        self._progress.stop()

    def on_step(self, step: str) -> None:
        """Show that a step begins, and that the one before is done."""
        line = step.partition(",")[0]
        if self._task is not None and line == self._line:
            self._progress.update(self._task, description=step)
            return
        self._finish_step()
        self._line = line
        self._task = self._progress.add_task(step, total=1)

    def _finish_step(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=1)
