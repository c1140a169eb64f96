"""Locks of a home's loads and warehouse, and the mark of a failed load.

The module imports neither Dagster nor dbt, so that commands which need only a lock or the mark
start quickly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from register.file_locks import lock_stream
from register.settings import Settings

WRITER_LOCK = "dbt.lock"
# Jobs that publish a generation or complete what follows publication.
LOAD_JOBS = ("load_register", "rebuild", "complete_load")


class BusyError(RuntimeError):
    """Another command is already running a load in this home."""


class WarehouseBusyError(RuntimeError):
    """Another build, or dbt of a killed load, is writing the warehouse."""


@contextmanager
def command_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock that lets only one command at a time run a load in this home.

    Raises `BusyError` immediately if another command holds it. The lock ends with the process, so a
    killed command never blocks the next one.
    """
    folder = dagster_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    busy = BusyError(
        "another command is loading this home: wait for it to end, or watch it in the UI"
    )
    with hold_lock(folder / "command.lock", busy):
        yield


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock of builds.

    Raises `WarehouseBusyError` immediately if another build holds it, or if dbt of a killed load is
    still writing.
    """
    busy = WarehouseBusyError(
        "another process is building the warehouse of this home: wait for it to end"
    )
    writing = WarehouseBusyError(
        "dbt of a load that was killed is still writing the warehouse: wait for it to end"
    )
    with hold_lock(settings.warehouse / "build.lock", busy):
        with hold_lock(settings.warehouse / WRITER_LOCK, writing):
            pass
        yield


@contextmanager
def hold_lock(path: Path, busy: BaseException) -> Iterator[None]:
    """Hold a lock that ends at the latest with the process.

    Raises `busy` immediately if another process holds it.
    """
    with path.open("a", encoding="utf-8") as stream, lock_stream(stream, busy):
        yield


def dagster_folder(settings: Settings) -> Path:
    """Return the folder of the home's Dagster instance."""
    return settings.home / "dagster"


def mark_failure(settings: Settings, job_name: str, run_id: str) -> None:
    """Mark that a load has failed, until a later load publishes or completes.

    A failed run of any other job leaves no mark.
    """
    if job_name in LOAD_JOBS:
        path = _failure_file(settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(run_id, encoding="utf-8")


def clear_failure(settings: Settings) -> None:
    """Remove the mark of a failed load, if there is one."""
    _failure_file(settings).unlink(missing_ok=True)


def has_failed(settings: Settings) -> bool:
    """Return whether the last load has failed."""
    return _failure_file(settings).exists()


def _failure_file(settings: Settings) -> Path:
    return settings.warehouse / "failed_load"
