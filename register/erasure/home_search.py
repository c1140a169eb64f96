"""Search of every byte of a home for words, also inside of encrypted and compressed files.

It proves an erasure: the operator gives the name and the references that must be gone.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from register.databases import DatabaseKeyError, is_database, open_database
from register.parquet_files import ParquetKeyError, is_encrypted_parquet, read_parquet
from register.private_files import MARK, PrivateFileError, read_private
from register.settings import Settings

ENCODINGS = ("utf-8", "utf-16-le", "cp1252")
MIN_LETTERS = 4
FAULTS = (
    *(OSError, PrivateFileError, ParquetKeyError, DatabaseKeyError),
    *(pa.ArrowException, duckdb.Error),
)
# Folders of a simulated nation, which no real home has.
SIMULATED = ("truth", "resubmissions")
MAX_DEPTH = 5


@dataclass(frozen=True)
class Hit:
    """A file of the home that holds one of the words, or that could not be searched."""

    path: str
    reason: str


def search_home(settings: Settings, words: Sequence[str]) -> list[Hit]:
    """Return the files that hold any of the words, in any case of letters.

    Folders of a simulation's truth are left out. Raises `ValueError` for a word that is so short
    that any file may have it.
    """
    if not words or any(len(word.strip()) < MIN_LETTERS for word in words):
        raise ValueError(f"give words of at least {MIN_LETTERS} letters or digits")
    needles = [word.strip().lower() for word in words]
    hits = []
    for path in sorted(settings.home.rglob("*")):
        name = path.relative_to(settings.home).as_posix()
        if path.is_symlink() or name.split("/")[0] in SIMULATED:
            continue
        if any(needle in name.lower() for needle in needles):
            hits.append(Hit(name, "its name"))
        if path.is_file():
            hits += [Hit(name, reason) for reason in _search_file(settings, path, needles)]
    return hits


def _search_file(settings: Settings, path: Path, needles: list[str]) -> Iterator[str]:
    try:
        data = path.read_bytes()
        is_sealed = data.startswith(MARK)
        if _has_any(data, needles, "" if is_sealed else path.name):
            yield "its bytes"
        if is_sealed:
            content = read_private(settings.data_keys, path)
            if _has_any(content, needles, path.name):
                yield "its encrypted bytes"
        elif is_database(data):
            yield from _search_database(settings, path, needles)
        elif path.suffix == ".parquet":
            ring = settings.data_keys if is_encrypted_parquet(path) else None
            with duckdb.connect() as connection:
                connection.register("parquet_rows", read_parquet(ring, path))
                if _has_rows(connection, "parquet_rows", needles):
                    yield "its rows"
    except FAULTS as error:
        yield f"it cannot be searched ({type(error).__name__})"


def _has_any(data: bytes, needles: list[str], name: str, depth: int = 0) -> bool:
    """Return whether bytes hold a word, also in members of an archive."""
    lower = data.lower()
    if any(needle in lower for needle in _encode_needles(needles)):
        return True
    if depth == MAX_DEPTH:
        return False
    return any(
        any(needle in inner.lower() for needle in needles)
        or _has_any(content, needles, inner, depth + 1)
        for inner, content in _unpack_members(data, name)
    )


def _encode_needles(needles: list[str]) -> set[bytes]:
    """Return the words in each encoding. As in the searched bytes, ASCII letters are small."""
    encoded = set()
    for form in {*needles, *(needle.upper() for needle in needles)}:
        for code in ENCODINGS:
            with suppress(UnicodeEncodeError):
                encoded.add(form.encode(code).lower())
    return encoded


def _unpack_members(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.namelist():
                    yield member, archive.read(member)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
            return
    elif data.startswith(b"\x1f\x8b"):
        try:
            yield "", gzip.decompress(data)
        except (OSError, EOFError):
            return
    elif name.endswith(".tar"):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for each in archive:
                file = archive.extractfile(each)
                yield each.name, file.read() if file else b""


def _search_database(settings: Settings, path: Path, needles: list[str]) -> Iterator[str]:
    with open_database(settings.data_keys, path) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            if _has_rows(connection, f'"{schema}"."{table}"', needles):
                yield f"its table {schema}.{table}"


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str, needles: list[str]) -> bool:
    # As JSON, a name with an apostrophe stays as it is.
    query = (
        f"select count(*) from {table} as kept where exists ("
        " select 1 from unnest($needles) as words(word)"
        " where contains(lower(cast(to_json(kept) as varchar)), word))"
    )
    return bool(connection.execute(query, {"needles": needles}).fetchall()[0][0])
