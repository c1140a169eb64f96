"""The command `register-dbt`: stock dbt that writes a warehouse alone and ends with its parent.

dbt-core runs the command line unchanged. How a load calls it belongs in `orchestration.dbt`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path

from register.processes import end_with_parent
from register.settings import load_settings

WRITER_LOCK = "dbt.lock"
# The environment variable that names the process id of the parent.
STARTED_BY = "REGISTER_STARTED_BY"
# dbt's option for the target of the profile, and the target that runs the models on Spark.
TARGET, SPARK = "--target", "spark"
# Folder for temporary files of Python models, inside the warehouse's folder.
SCRATCH = "scratch"
# dbt commands that write the warehouse.
WRITING = frozenset({"build", "run", "run-operation", "seed", "snapshot", "test"})


@contextmanager
def writer_lock(warehouse: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Hold the warehouse while dbt writes it; exit the process if another dbt holds it.

    The load that started dbt also holds a lock (`orchestration.dbt.warehouse_lock`), but a load may
    be killed. This lock lasts as long as dbt itself.
    """
    if not WRITING & set(arguments):
        yield
        return
    warehouse.mkdir(parents=True, exist_ok=True)
    busy = SystemExit("another dbt is writing the warehouse of this home: wait for it to end")
    with hold_lock(warehouse / WRITER_LOCK, busy), _temporary_files_in(warehouse / SCRATCH):
        yield


@contextmanager
def hold_lock(path: Path, busy: BaseException) -> Iterator[None]:
    """Hold a lock that ends with the process; raises `busy` at once when another holds it."""
    with path.open("a", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        yield


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Keep this process's temporary files in `folder`, emptied of what a killed process left.

    The system's temporary folder may be small or in memory, and keeps files of killed processes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run dbt with the arguments of this process, until it ends or its parent does."""
    arguments = sys.argv[1:]
    end_with_parent(_starter())
    if arguments == ["--version"]:
        # dagster-dbt asks for it at each run; dbt itself would ask the network for newer releases.
        print(f"dbt-core {installed_version('dbt-core')}")  # noqa: T201
        return
    from dbt.cli.main import cli

    with writer_lock(load_settings().warehouse, arguments):
        cli()


def _starter() -> int | None:
    """Return the process id of the parent that a load noted, or None if a person runs dbt."""
    noted = os.environ.pop(STARTED_BY, "")
    return int(noted) if noted else None
