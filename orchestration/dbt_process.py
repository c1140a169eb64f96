"""The command `register-dbt`: dbt with a lock on the warehouse.

It ends when its parent process ends. dbt-core runs the command line unchanged, except `--version`,
which this module answers. Calling this command from a load belongs in `orchestration.dbt`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path

from orchestration.locks import WRITER_LOCK, hold_lock
from register.processes import end_with_parent
from register.settings import load_settings

# The environment variable that contains the id of the parent process.
STARTED_BY = "REGISTER_STARTED_BY"
# dbt's option that names the profile's target, and the target that uses Spark.
TARGET, SPARK = "--target", "spark"
# The folder inside the warehouse's folder for temporary files of Python models.
SCRATCH = "scratch"
# dbt commands that write the warehouse.
WRITING_COMMANDS = frozenset({"build", "run", "run-operation", "seed", "snapshot", "test"})


@contextmanager
def writer_lock(warehouse: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Hold the warehouse's lock while dbt writes. If another dbt holds it, exit the process.

    The load that started dbt holds `orchestration.locks.warehouse_lock` too, but a load may be
    killed. This lock lasts as long as dbt itself.
    """
    if not WRITING_COMMANDS & set(arguments):
        yield
        return
    warehouse.mkdir(parents=True, exist_ok=True)
    busy = SystemExit("another dbt is writing the warehouse of this home: wait for it to end")
    with hold_lock(warehouse / WRITER_LOCK, busy), _use_temporary_folder(warehouse / SCRATCH):
        yield


@contextmanager
def _use_temporary_folder(folder: Path) -> Iterator[None]:
    """Put this process's temporary files into `folder`, and empty the folder before and after.

    The system's temporary folder may be small, and files of killed processes stay in it.
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
    """Run dbt with the arguments of this process, and end when the parent process ends."""
    arguments = sys.argv[1:]
    # This id shows whether the parent ended before this line. Without an id (dbt was started by a
    # person), the current parent is watched.
    parent_id = os.environ.pop(STARTED_BY, "")
    end_with_parent(int(parent_id) if parent_id else None)
    if arguments == ["--version"]:
        # dagster-dbt asks for the version at each run. Answer here, because dbt itself would look
        # online for newer releases.
        print(f"dbt-core {installed_version('dbt-core')}")  # noqa: T201
        return
    from dbt.cli.main import cli

    with writer_lock(load_settings().warehouse, arguments):
        cli()
