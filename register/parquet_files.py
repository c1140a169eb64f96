"""Parquet files that name children: written, read and counted, encrypted if the home has keys.

Encrypted files are written and read with DuckDB alone. DuckDB 1.5 cannot filter rows of encrypted
files from PyArrow, and PyArrow cannot read those from DuckDB.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from register.data_keys import DataKey, KeyRing
from register.databases import load_secure_random

PURPOSE = "Parquet files"
PLAIN_MARK = b"PAR1"
KEPT_CONNECTIONS = 2
_LOCK = threading.Lock()


class ParquetKeyError(RuntimeError):
    """A Parquet file cannot be read with the home's keys; the message says what to do."""


def add_parquet_keys(connection: duckdb.DuckDBPyConnection, ring: KeyRing) -> None:
    """Give a connection the keys of Parquet files, each under its id."""
    for key in ring.keys:
        secret = base64.b64encode(key.derive(PURPOSE)).decode()
        connection.execute(f"pragma add_parquet_key('{key.id}', '{secret}')")


def write_parquet(
    ring: KeyRing | None, table: pa.Table, path: Path, compression: str = "snappy"
) -> None:
    """Write a table as a Parquet file, under the current key if there is a ring."""
    if ring is None:
        pq.write_table(table, path, compression=compression, write_page_checksum=True)
        return
    with _LOCK:
        connection = _connect(ring)
        connection.register("rows_to_write", table)
        connection.execute(
            f"copy rows_to_write to $path (format parquet, compression {compression},"
            f" encryption_config {{footer_key: '{ring.current.id}'}})",
            {"path": str(path)},
        )
        connection.unregister("rows_to_write")


def read_parquet(
    ring: KeyRing | None, path: Path, columns: Sequence[str] | None = None
) -> pa.Table:
    """Read a Parquet file, or some columns of it.

    Raises `ParquetKeyError` if no key opens it, or if it should be encrypted and is not.
    """
    if not _has_key_to_find(ring, path):
        with pq.ParquetFile(path) as file:
            return file.read(columns=columns, use_threads=False)
    assert ring is not None
    return _try_keys(ring, path, columns)[1]


def count_parquet_rows(ring: KeyRing | None, path: Path) -> int:
    """Return the number of rows of a Parquet file. Raises as `read_parquet` does."""
    if find_parquet_key(ring, path) is None:
        return int(pq.read_metadata(path).num_rows)
    return int(read_parquet(ring, path, columns=[]).num_rows)


def is_encrypted_parquet(path: Path) -> bool:
    """Return whether a Parquet file is encrypted, as its last letters say."""
    with path.open("rb") as file:
        return file.read(len(PLAIN_MARK)) != PLAIN_MARK


def find_parquet_key(ring: KeyRing | None, path: Path) -> DataKey | None:
    """Return the key of a Parquet file; None for a plain file of a home without keys.

    Raises `ParquetKeyError` if no key opens it, or if it should be encrypted and is not.
    """
    if not _has_key_to_find(ring, path):
        return None
    assert ring is not None
    return _try_keys(ring, path, [])[0]


def copy_parquet(ring: KeyRing, source: Path, target: Path) -> None:
    """Copy a plain or encrypted file into a new file under the current key."""
    rows = read_parquet(ring if is_encrypted_parquet(source) else None, source)
    write_parquet(ring, rows, target, compression="zstd")


def _has_key_to_find(ring: KeyRing | None, path: Path) -> bool:
    """Return whether a file is encrypted, as all must be if there is a ring, and else none may be.

    Raises `ParquetKeyError` if it is otherwise.
    """
    is_encrypted = is_encrypted_parquet(path)
    if not is_encrypted and ring is not None:
        raise ParquetKeyError(f"{path.name} is not encrypted: run `register keys rotate`")
    if is_encrypted and ring is None:
        raise ParquetKeyError(f"{path.name} is encrypted, and REGISTER_DATA_KEYS is not set")
    return is_encrypted


def _try_keys(ring: KeyRing, path: Path, columns: Sequence[str] | None) -> tuple[DataKey, pa.Table]:
    """Return the key of the ring that opens a file, and the columns that were read with it."""
    for key in ring.keys:
        try:
            with _LOCK:
                return key, _read_encrypted(ring, key, path, columns)
        except duckdb.InvalidInputException:
            continue
    known = ", ".join(key.id for key in ring.keys)
    raise ParquetKeyError(f"no key opens {path.name}, or it is damaged; the key ring has: {known}")


def _read_encrypted(
    ring: KeyRing, key: DataKey, path: Path, columns: Sequence[str] | None
) -> pa.Table:
    """Read columns; without any, read only as many rows as are needed to open the file."""
    names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns) or "1 as one"
    return (
        _connect(ring)
        .execute(
            f"select {names} from read_parquet($path,"
            f" encryption_config = {{footer_key: '{key.id}'}})",
            {"path": str(path)},
        )
        .to_arrow_table()
    )


@lru_cache(maxsize=KEPT_CONNECTIONS)
def _connect(ring: KeyRing) -> duckdb.DuckDBPyConnection:
    """Return this process's connection for encrypted files; it is used under the lock."""
    connection = duckdb.connect(config={"threads": 1, "temp_file_encryption": "true"})
    connection.execute("set timezone = 'UTC'")
    load_secure_random(connection)
    add_parquet_keys(connection, ring)
    return connection
