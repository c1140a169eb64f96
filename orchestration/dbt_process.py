"""dbt's own command line as a process of this project: what `register-dbt` runs.

It ends when whoever started it ends, writes a warehouse alone, and does without the work that
`lighter_dbt` names.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from dbt_common.events.event_manager_client import ctx_set_event_manager

from orchestration.lighter_dbt import LevelledEventManager, lighten, make_messages_late
from register.processes import end_with_parent, run_and_end
from register.settings import load_settings

# Objects made between two collections: dbt's graph lives as long as the process.
COLLECTOR_THRESHOLDS = (300_000, 10, 100)
WRITER_LOCK = "dbt.lock"
# The option of dbt that names a target of the profile, and the target of Spark.
TARGET, SPARK = "--target", "spark"
# Commands of dbt that write the warehouse.
WRITING = frozenset({"build", "run", "run-operation", "seed", "snapshot", "test"})


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


def run() -> NoReturn:
    """Run dbt with the arguments of this process, and no longer than whoever started it."""
    end_with_parent()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    make_messages_late()
    ctx_set_event_manager(LevelledEventManager())

    from dbt.cli.main import cli

    lighten(sys.argv[1:])
    if is_on_spark(sys.argv[1:]):
        from orchestration.spark import install

        install()
    with writer_lock(load_settings().warehouse, sys.argv[1:]):
        sys.exit(cli())


def main() -> NoReturn:
    """Run dbt, and end without taking its graph apart."""
    run_and_end(run)
