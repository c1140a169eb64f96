"""A figure's rows from a process of its own, which the system ends when it takes too much.

A filter is a person's own SQL. DuckDB holds to its limits between steps, and one function of one
row (`repeat`) may take gigabytes and minutes within a step: no interrupt reaches it. What the rows
of a figure are belongs to `register.publishing.trace`.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from register.processes import signal_at_parents_end
from register.publishing.generations import Generation
from register.publishing.trace import FigureError, FigureTrace, SourceLine, Trace, trace_figure
from register.settings import PROJECT_ROOT

# Of address space, which is more than what is used; and of the clock, with the start of Python.
# DuckDB's own gigabyte fits in with the process; a function that doubles its text past it does not.
MOST_BYTES = 3 << 29
MOST_SECONDS = 60.0
MOST_CPU_SECONDS = 90
LIMITS = {"memory_limit": "1GB", "max_temp_directory_size": "0KB", "threads": "2"}


def trace_figure_apart(
    generation: Generation, mart: str, where: str, limit: int, offset: int = 0
) -> FigureTrace:
    """Follow rows as `trace_figure` does, in a process that is killed past its limits.

    Raises `FigureError` as that does, and where the process took too much.
    """
    asked = {
        "generation_id": generation.generation_id,
        "folder": str(generation.folder),
        "mart": mart,
        "where": where,
        "limit": limit,
        "offset": offset,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-c", f"from {__name__} import main; main()"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST_SECONDS,
            # Neither keys nor connection strings are in reach of a filter.
            env={"PYTHONPATH": str(PROJECT_ROOT)},
        )
        answer = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        raise FigureError(
            f"the filter takes longer than {MOST_SECONDS:.0f} seconds: make it simpler"
        ) from None
    except ValueError:
        raise FigureError("the filter takes more memory or time than it may") from None
    if "fault" in answer:
        raise FigureError(answer["fault"])
    return _read(answer)


def _read(answer: dict[str, Any]) -> FigureTrace:
    rows = tuple(
        Trace(**{**row, "lines": tuple(SourceLine(**line) for line in row["lines"])})
        for row in answer["rows"]
    )
    return FigureTrace(**{**answer, "rows": rows})


def _answer() -> dict[str, Any]:
    asked = json.load(sys.stdin)
    generation = Generation(asked["generation_id"], Path(asked["folder"]), is_current=True)
    try:
        found = trace_figure(
            generation, asked["mart"], asked["where"], asked["limit"], asked["offset"], LIMITS
        )
    except FigureError as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": "the filter takes more memory than it may"}
    return asdict(found)


def main() -> None:
    """Answer one question from standard input, within the limits."""
    signal_at_parents_end(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer(), sys.stdout)
