"""Serving of generations as a lake (DuckLake), in which each generation is a snapshot.

The catalogue is a file or a PostgreSQL database. The data are Parquet files in a folder or an
object store. A load writes the changed rows in one transaction, so readers get a whole generation.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
from duckdb_extensions import import_extension
from psycopg import conninfo

from register.access import share_lake
from register.durable import flush, flush_tree
from register.file_locks import lock_stream
from register.publishing import READER_GRACE_SECONDS, Generation, kept_generations
from register.queries import read_query
from register.serving.catalogue import Column, ForeignKey, Relation, open_published, read_catalogue
from register.serving.postgres_tables import quote_name, quote_text
from register.settings import Settings
from register.variables import LakeSettings

IN_POSTGRES = "postgres:"
OBJECT_STORE = "s3://"
PARTIAL_SUFFIX = ".partial"
# The table that names the generation, as in a published file.
STAMP = "register.published_generation"
# The author of a snapshot says which form it has.
EXACT_AUTHOR = "national register"
COARSE_AUTHOR = "national register, coarse form"
# A table is written anew if more than this share of its rows changed, or if it has this many files.
# So each table keeps few files, and few deleted rows in them.
REWRITTEN_SHARE = 0.2
MAX_FILES = 24
# A killed load leaves data files that no snapshot has; after these seconds no load can need them.
ORPHAN_SECONDS = 24 * 3600.0
CHANGED_ROWS = read_query(__package__, "changed_rows")
# Snapshots of generations that are not kept, or of another form. The latest snapshot always stays.
OLD_SNAPSHOTS = """
    select snapshot_id from ducklake_snapshots('lake')
    where not (list_contains(?, coalesce(commit_message, '')) and author is not distinct from ?)
        and snapshot_id < (select max(snapshot_id) from ducklake_snapshots('lake'))
    order by snapshot_id
"""


class LakeError(RuntimeError):
    """Serving the lake failed and changed nothing for readers; the message says why."""


@dataclass(frozen=True)
class ServedLake:
    """The result of serving: the snapshot, and numbers of tables, changed tables and rows."""

    snapshot: int
    table_count: int
    changed_table_count: int
    written_row_count: int


def serve_lake(
    settings: Settings, generation: Generation, keys: Sequence[ForeignKey] = ()
) -> ServedLake:
    """Write what changed in a generation into the lake, as one snapshot with its id as message.

    Snapshots of generations that are no longer kept are removed, and so are those of another form.
    """
    author = EXACT_AUTHOR if settings.lake.is_exact else COARSE_AUTHOR
    with (
        _without_secrets(settings.lake),
        _hold_serving_lock(settings),
        _replace_catalogue(settings) as catalogue,
        # Closed before the catalogue is replaced.
        open_published(settings, generation, is_exact=settings.lake.is_exact) as connection,
    ):
        _attach_lake(connection, settings.lake, catalogue)
        existing = _read_lake(connection, settings.lake)
        relations = read_catalogue(connection, keys)
        is_same_form = _read_author(connection) == author
        connection.execute("begin")
        written = _write_tables(connection, relations, existing, is_same_form)
        connection.execute(
            f"call lake.set_commit_message({quote_text(author)},"
            f" {quote_text(generation.generation_id)})"
        )
        _share_data(settings)
        connection.execute("commit")
        _remove_old_snapshots(
            connection, author, [item.generation_id for item in kept_generations(settings)]
        )
        snapshot = _ask_number(connection, "select max(snapshot_id) from lake.snapshots()")
    return ServedLake(
        snapshot, len(relations), sum(map(bool, written.values())), sum(written.values())
    )


def lake_generation(settings: Settings) -> str | None:
    """Return the id of the generation in the lake, or None if there is no lake yet.

    Raises `LakeError` if the lake cannot be read.
    """
    catalogue = settings.lake.catalogue
    if not catalogue.startswith(IN_POSTGRES) and not Path(catalogue).exists():
        return None
    with _without_secrets(settings.lake), duckdb.connect() as connection:
        _attach_lake(connection, settings.lake, catalogue, "read_only")
        rows = connection.execute(f"select generation_id from lake.{STAMP}").fetchall()
    return str(rows[0][0]) if rows else None


@contextmanager
def _without_secrets(lake: LakeSettings) -> Iterator[None]:
    """Convert errors in the block to `LakeError`, without secrets of the settings."""
    if not lake.catalogue or not lake.data:
        raise LakeError("REGISTER_LAKE or REGISTER_LAKE_DATA is not set")
    secrets = [lake.s3_secret, *_list_catalogue_secrets(lake.catalogue)]
    try:
        yield
    except (duckdb.Error, OSError) as error:
        # Later lines of the message may quote values of a row, so only the first is used.
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        for secret in filter(None, secrets):
            text = text.replace(secret, "…")
        raise LakeError(f"serving the lake failed: {text}") from None


def _list_catalogue_secrets(catalogue: str) -> list[str]:
    """Return texts to leave out of messages, the longest first."""
    dsn = catalogue.removeprefix(IN_POSTGRES)
    if dsn == catalogue and "://" not in catalogue:
        return []
    try:
        parameters = conninfo.conninfo_to_dict(dsn) if dsn != catalogue else {}
    except psycopg.ProgrammingError:
        parameters = {}
    if not parameters:
        raise LakeError("REGISTER_LAKE is no file, and no connection string after `postgres:`")
    return [dsn, str(parameters.get("password", ""))]


@contextmanager
def _hold_serving_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock against other loads of this home until the block ends."""
    busy = LakeError("another process of this home is writing the lake")
    path = settings.warehouse / "lake.lock"
    with path.open("a", encoding="utf-8") as stream, lock_stream(stream, busy):
        yield


@contextmanager
def _replace_catalogue(settings: Settings) -> Iterator[str]:
    """Yield the catalogue to write. If it is a file, write a copy, which then takes its place.

    A file cannot be read while another process writes it. Readers that opened the old file keep
    its generation.
    """
    catalogue = settings.lake.catalogue
    if catalogue.startswith(IN_POSTGRES):
        yield catalogue
        return
    path = Path(catalogue)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL_SUFFIX)
    for leftover in path.parent.glob(f"{partial.name}*"):
        leftover.unlink()
    if path.exists():
        shutil.copyfile(path, partial)
    yield str(partial)
    share_lake(settings, partial)
    if partial.with_name(f"{partial.name}.wal").exists():
        raise LakeError("the catalogue of the lake was not closed: look for a full disk")
    flush(partial)
    partial.replace(path)
    flush(path.parent)


def _attach_lake(
    connection: duckdb.DuckDBPyConnection, lake: LakeSettings, catalogue: str, *options: str
) -> None:
    """Attach the lake as the database `lake`. If there is none, it is created."""
    _load_extension(connection, "ducklake")
    if catalogue.startswith(IN_POSTGRES):
        _load_extension(connection, "postgres_scanner")
    if lake.data.startswith(OBJECT_STORE):
        _load_extension(connection, "httpfs")
        connection.execute(f"create secret ({', '.join(_list_secret_options(lake))})")
    # Without inlining, all rows are in Parquet files, which other programs can read.
    options = (f"data_path {quote_text(lake.data)}", "data_inlining_row_limit 0", *options)
    connection.execute(
        f"attach {quote_text(f'ducklake:{catalogue}')} as lake ({', '.join(options)})"
    )


def _load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    import_extension(name)
    connection.execute(f"load {name}")


def _list_secret_options(lake: LakeSettings) -> Iterator[str]:
    yield "type s3"
    yield f"scope {quote_text(lake.data)}"
    yield f"region {quote_text(lake.s3_region)}"
    yield f"key_id {quote_text(lake.s3_key_id)}"
    yield f"secret {quote_text(lake.s3_secret)}"
    if lake.s3_endpoint:
        protocol, _, host = lake.s3_endpoint.rpartition("://")
        yield f"endpoint {quote_text(host.rstrip('/'))}"
        yield f"use_ssl {'false' if protocol == 'http' else 'true'}"
        yield "url_style 'path'"


def _read_lake(connection: duckdb.DuckDBPyConnection, lake: LakeSettings) -> dict[str, Relation]:
    """Return the tables of the lake by name. Raises `LakeError` if others than a load wrote it."""
    connection.execute("use lake")
    existing = {relation.full_name: relation for relation in read_catalogue(connection)}
    connection.execute("use published")
    if existing and STAMP not in existing:
        raise LakeError("the lake of REGISTER_LAKE has tables that the register did not write")
    if not existing:
        files = quote_text(f"{lake.data.rstrip('/')}/**")
        if _ask_number(connection, f"select count(*) from glob({files})"):
            # A load removes files that its catalogue lacks, so a lake must not share a folder.
            raise LakeError("the lake is new, and REGISTER_LAKE_DATA has files: empty that folder")
        connection.execute("call lake.set_option('parquet_compression', 'zstd')")
    return existing


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    existing: Mapping[str, Relation],
    is_same_form: bool,
) -> dict[str, int]:
    """Make the lake's tables equal to the published relations; return the rows written of each.

    If the lake had another form, every table is written again, so that no file keeps its rows.
    """
    written = {}
    for relation in relations:
        before = existing.get(relation.full_name)
        if before is None or not is_same_form or _must_be_rewritten(connection, relation, before):
            before = None
            written[relation.full_name] = _create_table(connection, relation)
        elif not _ask_number(connection, "select count(*) from changed_rows"):
            written[relation.full_name] = 0
        else:
            written[relation.full_name] = _replace_changed_rows(connection, relation)
        _write_comments(connection, relation, before)
    for name in sorted(existing.keys() - written.keys()):
        connection.execute(
            f"drop table {quote_name('lake', existing[name].schema, existing[name].name)}"
        )
    return written


def _must_be_rewritten(
    connection: duckdb.DuckDBPyConnection, relation: Relation, before: Relation
) -> bool:
    """Return whether a table has other columns, much changed, or has many files.

    Otherwise the changed rows are in the temporary table `changed_rows`.
    """
    if _list_types(relation) != _list_types(before):
        return True
    name = quote_name(relation.schema, relation.name)
    connection.execute(CHANGED_ROWS.format(existing=f"lake.{name}", published=f"published.{name}"))
    changed = _ask_number(connection, "select count(*) from changed_rows")
    rows = _ask_number(connection, f"select count(*) from lake.{name}")
    files = _ask_number(
        connection,
        f"select count(*) from ducklake_list_files('lake', {quote_text(relation.name)},"
        f" schema => {quote_text(relation.schema)})",
    )
    return changed > rows * REWRITTEN_SHARE or (changed > 0 and files >= MAX_FILES)


def _list_types(relation: Relation) -> list[tuple[str, str]]:
    return [(column.name, column.data_type) for column in relation.columns]


def _create_table(connection: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    """Create a table, or replace it, with all rows; return their number."""
    name = quote_name(relation.schema, relation.name)
    connection.execute(f"create schema if not exists lake.{quote_name(relation.schema)}")
    return _ask_number(
        connection,
        f"create or replace table lake.{name} as"
        f" select * from published.{name} order by {relation.stable_order}",
    )


def _replace_changed_rows(connection: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    """Delete existing copies of the changed rows, insert published ones; return their number."""
    name = f"lake.{quote_name(relation.schema, relation.name)}"
    is_same = " and ".join(
        f"all_rows.{column} is not distinct from changed_rows.{column}"
        for column in map(quote_name, relation.column_names)
    )
    deleted = _ask_number(
        connection,
        f"delete from {name} where rowid in (select all_rows.rowid from {name} as all_rows"
        f" semi join changed_rows on {is_same})",
    )
    inserted = _ask_number(
        connection,
        f"insert into {name} select * exclude (published_copies, copy)"
        " from changed_rows, lateral (select unnest(range(published_copies)) as copy)"
        f" order by {relation.stable_order}",
    )
    return deleted + inserted


def _write_comments(
    connection: duckdb.DuckDBPyConnection, relation: Relation, before: Relation | None
) -> None:
    """Write the comments that differ from those of the table before."""
    name = f"lake.{quote_name(relation.schema, relation.name)}"
    if relation.comment != (before.comment if before else ""):
        connection.execute(f"comment on table {name} is {quote_text(relation.comment)}")
    earlier: tuple[Column, ...] = before.columns if before else ()
    comments = {column.name: column.comment for column in earlier}
    for column in relation.columns:
        if column.comment != comments.get(column.name, ""):
            connection.execute(
                f"comment on column {name}.{quote_name(column.name)}"
                f" is {quote_text(column.comment)}"
            )


def _share_data(settings: Settings) -> None:
    """Let the readers' group read the data files, if they are in a folder of this machine."""
    if "://" not in settings.lake.data:
        folder = Path(settings.lake.data)
        share_lake(settings, folder)
        flush_tree(folder)


def _read_author(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the author of the latest snapshot."""
    rows = connection.execute(
        "select author from ducklake_snapshots('lake') order by snapshot_id desc limit 1"
    ).fetchall()
    return rows[0][0] if rows else None


def remove_earlier_snapshots(settings: Settings) -> None:
    """Remove every snapshot but the latest, and its files at once, also if readers use them."""
    with (
        _without_secrets(settings.lake),
        _hold_serving_lock(settings),
        _replace_catalogue(settings) as catalogue,
        duckdb.connect() as connection,
    ):
        _attach_lake(connection, settings.lake, catalogue)
        _remove_old_snapshots(connection, "", (), grace_seconds=0)


def _remove_old_snapshots(
    connection: duckdb.DuckDBPyConnection,
    author: str,
    kept_ids: Sequence[str],
    grace_seconds: float | None = None,
) -> None:
    """Remove snapshots of other generations or authors, and files that no reader can need."""
    grace = READER_GRACE_SECONDS if grace_seconds is None else grace_seconds
    rows = connection.execute(OLD_SNAPSHOTS, [list(kept_ids), author]).fetchall()
    old = [number for (number,) in rows]
    if old:
        connection.execute(f"call ducklake_expire_snapshots('lake', versions => {old})")
    for function, seconds in (
        ("ducklake_cleanup_old_files", grace),
        ("ducklake_delete_orphaned_files", ORPHAN_SECONDS),
    ):
        connection.execute(f"call {function}('lake', older_than => now() - to_seconds({seconds}))")


def _ask_number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
