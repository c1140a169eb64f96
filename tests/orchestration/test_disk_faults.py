"""A command that a full or read-only disk stops says so, without a traceback or a file's name."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest
import typer

from interfaces.command_line.disk_faults import find_disk_fault, stop_on_disk_fault


def test_a_disk_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Prevents a traceback, or the name of a delivered file, when a disk is full."""
    with pytest.raises(typer.Exit) as ended, stop_on_disk_fault():
        try:
            raise OSError(errno.EROFS, "Read-only file system", "a name that a supplier chose")
        except OSError as error:
            raise RuntimeError("a wrapper") from error
    text = " ".join(capsys.readouterr().err.split())
    assert ended.value.exit_code == 1
    assert text.startswith("A file of the register cannot be written: Read-only file system.")
    assert "supplier" not in text


def test_full_databases_are_disk_faults(tmp_path: Path) -> None:
    """Prevents a traceback when the event log of Dagster or a DuckDB file has no more room."""
    connection = sqlite3.connect(tmp_path / "events.db")
    connection.execute("pragma max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        connection.executescript("create table a (b); create table c (d); create table e (f)")
    assert find_disk_fault(full.value) == "No space left on device"
    failed = duckdb.IOException("Could not write all bytes to file: No space left on device")
    assert find_disk_fault(failed) == "No space left on device"


def test_other_errors_are_passed_on() -> None:
    """Prevents a fault of the program from looking like a fault of the disk."""
    with pytest.raises(FileNotFoundError), stop_on_disk_fault():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")
