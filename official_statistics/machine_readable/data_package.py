"""The data package of a release: `datapackage.json`, the index of its files for machines.

It follows Data Package 2.0 (https://datapackage.org/standard/data-package/). Paths are relative, so
the package works in a folder and on any web server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from official_statistics.documents import LICENCE, PublicFile, ReleaseFacts
from official_statistics.machine_readable.parquet_tables import FOLDER
from official_statistics.machine_readable.schema_faults import find_schema_faults, read_heading
from official_statistics.machine_readable.table_schemas import (
    TableSchema,
    build_data_schema,
    build_meta_schema,
    build_table_schema,
    read_description,
)
from official_statistics.public_figures import SYMBOLS
from official_statistics.releases import PRE_RELEASE_LIST
from register.data_packages import CSV, PACKAGE, PROFILE, encode_json
from register.hashing import hash_file

PRODUCER = "National register of missing children"
PARQUET = {"format": "parquet", "mediatype": "application/vnd.apache.parquet"}
Files = Mapping[str, PublicFile]


def write_data_package(facts: ReleaseFacts, files: Files, public: Path) -> None:
    """Write the data package of a release, whose data and Parquet files exist."""
    (public / PACKAGE).write_text(_encode_package(facts, files, public), encoding="utf-8")


def find_package_faults(facts: ReleaseFacts, files: Files, public: Path) -> Iterator[str]:
    """Yield how the data package differs from the files, and each row that breaks its schemas."""
    path = public / PACKAGE
    if not path.exists():
        yield f"{PACKAGE} is missing"
        return
    text = path.read_text(encoding="utf-8")
    try:
        expected = _encode_package(facts, files, public)
    except FileNotFoundError as error:
        yield f"{PACKAGE} lists {Path(error.filename).name}, which is missing"
        return
    if text != expected:
        yield f"{PACKAGE} does not describe the files of the release"
    try:
        resources = json.loads(text)["resources"]
    except (ValueError, KeyError):
        yield f"{PACKAGE} cannot be read"
        return
    for resource in resources:
        if resource["format"] == "csv" and (public / resource["path"]).exists():
            yield from find_schema_faults(resource["schema"], public / resource["path"])


def _encode_package(facts: ReleaseFacts, files: Files, public: Path) -> str:
    return encode_json(build_data_package(facts, files, public))


def build_data_package(facts: ReleaseFacts, files: Files, public: Path) -> dict[str, Any]:
    """Return the data package of a release as a dictionary."""
    words = read_description()
    package: dict[str, Any] = {
        "$schema": PROFILE.format("datapackage"),
        "name": facts.publication,
        "title": facts.title,
        "description": _describe_release(facts),
        "version": f"{facts.year}.{facts.version}.0",
    }
    if facts.release_at is not None:
        package["created"] = facts.release_at.isoformat()
    return package | {
        "keywords": words["keywords"],
        "licenses": [
            {"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0", "path": LICENCE}
        ],
        "sources": _list_sources(files, public),
        "contributors": [{"title": PRODUCER, "roles": ["creator", "publisher"]}],
        "symbols": SYMBOLS,
        "resources": list(_list_resources(files, public)),
    }


def _list_sources(files: Files, public: Path) -> list[dict[str, str]]:
    """Return what the figures come from, with the sources of other tables that the release has."""
    sources: list[dict[str, str]] = list(read_description()["sources"])
    indicators = [each for file in files.values() for each in file.data_set.indicators]
    if any("population" in indicator.derivation for indicator in indicators):
        sources.append(read_description()["population_source"])
    for name, table in read_description()["tables"].items():
        if "source" in table and (public / f"{name}.csv").exists():
            sources.append(table["source"])
    return sources


def _describe_release(facts: ReleaseFacts) -> str:
    sentences = [f"Figures for {facts.year_in_words} and the years before it."]
    if facts.is_simulated:
        sentences.insert(0, "Simulated data: no real child is in these figures.")
    if facts.is_provisional:
        sentences.append(f"The year {facts.year} is provisional.")
    sentences.append(f"Status: {facts.status}. Contact: {facts.contact}.")
    return " ".join(sentences)


def _list_resources(files: Files, public: Path) -> Iterator[dict[str, Any]]:
    """Yield a resource for each data file, each file that describes columns, and other tables.

    The list of pre-release access is left out, because publication writes it.
    """
    for name, file in files.items():
        title = file.data_set.title
        schema = build_data_schema(file.data_set)
        yield _describe_csv(name, title, schema, public / "data" / f"{name}.csv", public)
        meta = public / "data" / f"{name}.meta.csv"
        if meta.exists():
            yield _describe_csv(
                f"{name}.meta", f"Columns of: {title}", build_meta_schema(), meta, public
            )
        path = public / FOLDER / f"{name}.parquet"
        yield _describe_file(f"{name}.parquet", title, path, public) | PARQUET
    for path in sorted(public.glob("*.csv")):
        if path.name != PRE_RELEASE_LIST:
            title = read_description()["tables"].get(path.stem, {}).get("title", path.stem)
            schema = build_table_schema(path.stem, read_heading(path))
            yield _describe_csv(path.stem, title, schema, path, public)


def _describe_csv(
    name: str, title: str, schema: TableSchema, path: Path, public: Path
) -> dict[str, Any]:
    schema = {"$schema": PROFILE.format("tableschema"), **schema}
    return _describe_file(name, title, path, public) | CSV | {"schema": schema}


def _describe_file(name: str, title: str, path: Path, public: Path) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "path": path.relative_to(public).as_posix(),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hash_file(path)}",
    }
