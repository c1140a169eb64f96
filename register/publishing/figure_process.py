"""Tracing of a figure's rows in a separate process, whose limits the operating system enforces.

A filter is a person's own SQL. DuckDB checks its own limits only between steps, and a single call
of a function such as `repeat` may take gigabytes and minutes. Tracing itself belongs in
`register.publishing.trace`.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from register.processes import signal_at_parents_end
from register.publishing.generations import Generation
from register.publishing.trace import FigureError, FigureTrace, SourceLine, Trace, trace_figure
from register.settings import PROJECT_ROOT

# The limit of the process's address space in bytes. It leaves room for DuckDB's gigabyte and for
# Python; only a part of the address space is ever used.
MAX_BYTES = 3 << 29
# The limit of elapsed time in seconds, including Python's start.
MAX_SECONDS = 60.0
MAX_CPU_SECONDS = 90
LIMITS = {"memory_limit": "1GB", "max_temp_directory_size": "0KB", "threads": "2"}


def trace_figure_apart(  # noqa: PLR0913 - a figure, a part of its rows, and the areas
    generation: Generation,
    mart: str,
    where: str,
    limit: int,
    offset: int = 0,
    *,
    area_copy: Sequence[str] | None = None,
) -> FigureTrace:
    """Trace rows like `trace_figure`, in a process that is killed if it exceeds its limits.

    Raises `FigureError` in the same cases as `trace_figure`, and if a limit is exceeded.
    """
    question = {
        "generation_id": generation.generation_id,
        "folder": str(generation.folder),
        "mart": mart,
        "where": where,
        "limit": limit,
        "offset": offset,
        "area_copy": area_copy,
    }
    try:
        outcome = subprocess.run(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
            timeout=MAX_SECONDS,
            # Do not pass on the environment, because it contains the pseudonym key and connection
            # strings.
            env={"PYTHONPATH": str(PROJECT_ROOT)},
        )
        answer = json.loads(outcome.stdout)
    except subprocess.TimeoutExpired:
        raise FigureError(
            f"the filter takes longer than {MAX_SECONDS:.0f} seconds: make it simpler"
        ) from None
    except ValueError:
        raise FigureError("the filter takes more memory or time than it may") from None
    if "fault" in answer:
        raise FigureError(answer["fault"])
    return _parse_answer(answer)


def _parse_answer(answer: dict[str, Any]) -> FigureTrace:
    rows = tuple(
        Trace(**{**row, "lines": tuple(SourceLine(**line) for line in row["lines"])})
        for row in answer["rows"]
    )
    return FigureTrace(**{**answer, "rows": rows})


def _answer_question() -> dict[str, Any]:
    question = json.load(sys.stdin)
    folder = Path(question.pop("folder"))
    generation = Generation(question.pop("generation_id"), folder, is_current=True)
    try:
        trace = trace_figure(generation, **question, limits=LIMITS)
    except FigureError as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": "the filter takes more memory than it may"}
    return asdict(trace)


def main() -> None:
    """Read one request from standard input and answer it, within this process's limits."""
    signal_at_parents_end(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer_question(), sys.stdout)
