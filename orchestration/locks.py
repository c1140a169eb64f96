"""Locks of a home's loads and warehouse.

The module imports neither Dagster nor dbt, so that commands which need only a lock start quickly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from register.file_locks import lock_stream
from register.settings import Settings

WRITER_LOCK = "dbt.lock"


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
    folder = settings.dagster
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
