"""Serving of generations as Parquet: `published/<generation>/parquet/<schema>/<table>/`.

The link `published/parquet` points to the latest complete package. It has the coarse form of the
register; `parquet_exact` has the exact form. Case lists name children and are never served.
"""

from __future__ import annotations

import filecmp
import json
import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from register.access import COARSE_FORM, EXACT_PARQUET, PARQUET, share_parquet
from register.durable import flush, flush_tree
from register.hashing import hash_file
from register.publishing import (
    Generation,
    ManifestError,
    kept_generations,
    parquet_generation,
    point_parquet,
    read_manifest,
)
from register.seals import SEAL, seal_content, seal_fault
from register.serving import datapackage
from register.serving.catalogue import ForeignKey, Relation, open_published, read_catalogue
from register.serving.postgres_tables import quote_text
from register.settings import Settings

PARTIAL_PREFIX = ".parquet-"
# Fact tables are partitioned by this column.
PARTITION = "collection_year"
FACT_PREFIX = "fct_"
# The name that Hive gives to the partition of rows without a value.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
FILE = "part-0.parquet"
WRITE = "copy ({query}) to {path} (format parquet, compression zstd)"


@dataclass(frozen=True)
class ServedParquet:
    """The result of serving Parquet: numbers of relations, files and bytes, and the folder."""

    folder: Path
    relation_count: int
    file_count: int
    byte_count: int


def serve_parquet(
    settings: Settings,
    generation: Generation,
    keys: Sequence[ForeignKey] = (),
    name: str = PARQUET,
) -> ServedParquet:
    """Write the Parquet package `name` of a generation, and point the link of its name to it.

    Readers get either the whole package or the one before. A package that exists is not written
    again.
    """
    folder = generation.folder / name
    for leftover in generation.folder.glob(f"{PARTIAL_PREFIX}*"):
        shutil.rmtree(leftover)
    if not folder.is_dir():
        partial = generation.folder / f"{PARTIAL_PREFIX}{uuid.uuid4().hex}"
        try:
            write_package(settings, generation, partial, keys, is_exact=name == EXACT_PARQUET)
            former = (settings.published / name).resolve()
            # Forms share no file, because their readers differ. Without a coarse form beside it, a
            # package of an earlier program version is exact.
            if name == EXACT_PARQUET or (former.parent / COARSE_FORM).exists():
                link_unchanged_files(partial, former)
            share_parquet(settings, partial, name)
            flush_tree(partial)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        flush(generation.folder)
    share_parquet(settings, folder, name)
    point_parquet(settings, generation.generation_id, name)
    files = [path for path in folder.rglob("*.parquet") if path.is_file()]
    descriptor = json.loads((folder / datapackage.FILE).read_bytes())
    return ServedParquet(
        folder,
        relation_count=len(descriptor["resources"]),
        file_count=len(files),
        byte_count=sum(path.stat().st_size for path in files),
    )


def find_parquet_faults(settings: Settings) -> list[str]:
    """Return the files of packages that are missing or changed. All are hashed.

    Packages of generations that are kept count too, since readers can be put back on them.
    """
    ids = {item.generation_id for item in kept_generations(settings)}
    return [
        fault
        for name in (PARQUET, EXACT_PARQUET)
        for served in sorted({*ids, parquet_generation(settings, name) or ""} - {""})
        if served not in ids or (settings.published / served / name).is_dir()
        for fault in _find_package_faults(settings, served, name)
    ]


def _find_package_faults(settings: Settings, served: str, package: str) -> list[str]:
    folder = settings.published / served / package
    name = f"{served}: {package}/{datapackage.FILE}"
    try:
        descriptor = json.loads((folder / datapackage.FILE).read_bytes())
        # In a generation of an earlier program version, neither the package nor the manifest has a
        # seal, so none is checked.
        is_sealed = SEAL in descriptor or SEAL in read_manifest(settings.published / served)
        fault = seal_fault(settings, descriptor) if is_sealed else None
        faults = [] if fault is None else [f"{name}: {fault}"]
        for file in descriptor["files"]:
            path = folder / file["path"]
            if not path.is_file():
                faults.append(f"{served}: {file['path']} is not there")
            elif datapackage.HASH + hash_file(path) != file["hash"]:
                faults.append(f"{served}: {file['path']} is not the file that was served")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ManifestError):
        return [f"{name} cannot be read: remove the folder and run `register serve {package}`"]
    return faults


def write_package(
    settings: Settings,
    generation: Generation,
    folder: Path,
    keys: Sequence[ForeignKey],
    *,
    is_exact: bool = False,
) -> None:
    """Write every relation of a generation, and the descriptor, into a new folder."""
    folder.mkdir()
    with open_published(settings, generation, is_exact=is_exact) as connection:
        relations = read_catalogue(connection, keys, generation.primary_keys())
        paths = {
            relation.full_name: _write_relation(connection, relation, folder)
            for relation in relations
        }
    created = generation.manifest()["published_at"]
    descriptor = datapackage.describe_package(
        generation.generation_id, created, relations, paths, folder
    )
    sealed = seal_content(settings, descriptor)
    text = json.dumps(sealed, indent=1, ensure_ascii=False) + "\n"
    (folder / datapackage.FILE).write_text(text, encoding="utf-8")


def link_unchanged_files(folder: Path, former: Path) -> None:
    """Replace each file that is equal in a former package by a hard link to the file there.

    Packages are never changed in place, so generations can share a file. On a file system without
    hard links, every package keeps its own files.
    """
    for path in sorted(folder.rglob("*.parquet")):
        shared = former / path.relative_to(folder)
        if shared.is_file() and filecmp.cmp(path, shared, shallow=False):
            link = path.with_suffix(".link")
            with suppress(OSError):
                link.hardlink_to(shared.resolve())
                link.replace(path)


def _write_relation(
    connection: duckdb.DuckDBPyConnection, relation: Relation, folder: Path
) -> list[str]:
    """Write the files of a relation, and return their paths.

    Rows are in the order of `stable_order`.
    """
    relation_folder = folder / relation.schema / relation.name
    source = f'"{relation.schema}"."{relation.name}"'
    written = []
    for part, condition in _list_partitions(connection, relation, source):
        path = relation_folder / part / FILE
        path.parent.mkdir(parents=True)
        query = f"select * from {source} where {condition} order by {relation.stable_order}"
        connection.execute(WRITE.format(query=query, path=quote_text(str(path))))
        written.append(path.relative_to(folder).as_posix())
    return written


def _list_partitions(
    connection: duckdb.DuckDBPyConnection, relation: Relation, source: str
) -> list[tuple[str, str]]:
    """Return the partitions of a relation, each as a subfolder and the condition for its rows."""
    is_partitioned = relation.name.startswith(FACT_PREFIX) and PARTITION in relation.column_names
    years = (
        connection.execute(f"select distinct {PARTITION} from {source} order by all").fetchall()
        if is_partitioned
        else []
    )
    if not years:
        return [("", "true")]
    return [
        (f"{PARTITION}={NO_VALUE}", f"{PARTITION} is null")
        if year is None
        else (f"{PARTITION}={year}", f"{PARTITION} = {quote_text(str(year))}")
        for (year,) in years
    ]
