"""Opening of DuckDB databases that name children, encrypted if the home has keys.

The warehouse and the case lists are encrypted. The published register is pseudonymous and stays
plain, so that any tool can open it.
"""

from __future__ import annotations

import base64
from pathlib import Path

import duckdb

from register.data_keys import DataKey, KeyRing

PURPOSE = "DuckDB databases"
ENCRYPTED_NAMES = frozenset({"warehouse.duckdb", "case_lists.duckdb"})
# The main header of a database file: a checksum, these letters, a version, and flags. The first
# flag says whether the file is encrypted.
MARK, MARK_START, FLAG_START = b"DUCK", 8, 20


class DatabaseKeyError(RuntimeError):
    """A database cannot be opened with the home's keys; the message says what to do."""


def database_password(key: DataKey) -> str:
    """Return the key of databases in the form that DuckDB takes."""
    return base64.b64encode(key.derive(PURPOSE)).decode()


def open_database(
    ring: KeyRing | None, path: Path, *, read_only: bool = True
) -> duckdb.DuckDBPyConnection:
    """Open a database file that names children. Its tables are found by their schema and name.

    Raises `DatabaseKeyError` if the keys do not open it, or if it should be encrypted and is not.
    """
    if ring is None or path.name not in ENCRYPTED_NAMES:
        if path.exists() and is_encrypted(path):
            raise DatabaseKeyError(f"{path.name} is encrypted, and REGISTER_DATA_KEYS is not set")
        return duckdb.connect(str(path), read_only=read_only)
    connection = duckdb.connect(config={"temp_file_encryption": "true"})
    try:
        if not read_only:
            load_secure_random(connection)
        attach_database(connection, ring, path, path.stem, read_only=read_only)
        connection.execute(f"use {path.stem}")
    except BaseException:
        connection.close()
        raise
    return connection


def attach_database(
    connection: duckdb.DuckDBPyConnection,
    ring: KeyRing,
    path: Path,
    alias: str,
    *,
    read_only: bool = False,
) -> None:
    """Attach an encrypted database, with the key of the ring that opens it.

    A file that does not exist is created under the current key. Raises `DatabaseKeyError` if no key
    opens it, or if it is not encrypted.
    """
    key = ring.current if not path.exists() else find_database_key(ring, path)
    _attach_with_key(connection, key, path, alias, read_only=read_only)


def _attach_with_key(
    connection: duckdb.DuckDBPyConnection, key: DataKey, path: Path, alias: str, *, read_only: bool
) -> None:
    password = database_password(key)
    options = "read_only, " if read_only else ""
    try:
        connection.execute(
            f"attach '{_escape_quotes(path)}' as {alias} ({options}encryption_key '{password}')"
        )
    except duckdb.Error as error:
        # DuckDB may quote a part of the statement, which has the key, after the message.
        raise type(error)(str(error).partition("\n\nLINE ")[0]) from None


def _escape_quotes(path: Path) -> str:
    return str(path).replace("'", "''")


def find_database_key(ring: KeyRing, path: Path) -> DataKey:
    """Return the key under which a database is.

    Raises `DatabaseKeyError` if no key of the ring opens it, or if it is not encrypted.
    """
    if not is_encrypted(path):
        raise DatabaseKeyError(f"{path.name} is not encrypted: run `register keys rotate`")
    for key in ring.keys:
        with duckdb.connect() as connection:
            try:
                _attach_with_key(connection, key, path, "tried", read_only=True)
            except duckdb.InvalidInputException:
                continue
            return key
    known = ", ".join(key.id for key in ring.keys)
    raise DatabaseKeyError(f"no key opens {path.name}; the key ring has: {known}")


def is_encrypted(path: Path) -> bool:
    """Return whether a database file is encrypted, as its header says."""
    with path.open("rb") as file:
        header = file.read(FLAG_START + 1)
    return is_database(header) and bool(header[FLAG_START] & 1)


def is_database(content: bytes) -> bool:
    """Return whether a file with this content is a DuckDB database."""
    return content[MARK_START:].startswith(MARK)


def load_secure_random(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension with OpenSSL, whose random numbers DuckDB needs to write encrypted."""
    from duckdb_extensions import import_extension

    import_extension("httpfs", con=connection)
    connection.execute("load httpfs")


def copy_database(ring: KeyRing, source: Path, target: Path) -> None:
    """Copy a plain or encrypted database into a new file under the current key."""
    with duckdb.connect(config={"temp_file_encryption": "true"}) as connection:
        load_secure_random(connection)
        if is_encrypted(source):
            attach_database(connection, ring, source, "former")
        else:
            connection.execute(f"attach '{_escape_quotes(source)}' as former")
        attach_database(connection, ring, target, "rewritten")
        connection.execute("copy from database former to rewritten")
        connection.execute("detach rewritten")
