"""The contract files of the supplier guide: ODCS, JSON Schemas, data packages and the changelog."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from register.contract_documents.contract_releases import build_changelog
from register.contract_documents.layout_package import build_layout_package
from register.contract_documents.record_schema import build_record_schema
from register.data_packages import PACKAGE, encode_json
from register.feeds import Layout, find_contract_file, list_layout_tables, load_contracts

CHANGELOG = "contract_changes.json"


def write_contract_files(folder: Path) -> list[str]:
    """Write each feed's contract (ODCS) and the changelog; return the paths in the folder."""
    paths = []
    for feed in load_contracts():
        path = folder / feed / f"{feed}.odcs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(find_contract_file(feed).read_bytes())
        paths.append(path)
    (folder / CHANGELOG).write_text(encode_json(build_changelog()), encoding="utf-8")
    return [path.relative_to(folder).as_posix() for path in (*paths, folder / CHANGELOG)]


def write_layout_files(
    folder: Path, layout: Layout, samples: Mapping[str, str], period: str, seeds: Path
) -> dict[str, str]:
    """Write a layout's data package and the JSON Schema of each table's records.

    `samples` has the path of each table's sample file. Returns the path of each table's schema,
    all relative to `folder`.
    """
    package = build_layout_package(layout, samples, period, seeds)
    (folder / PACKAGE).write_text(encode_json(package), encoding="utf-8")
    schemas = {}
    for table in list_layout_tables(layout):
        path = folder / "schema" / f"{table.name}.json"
        path.parent.mkdir(exist_ok=True)
        schema = build_record_schema(layout, table, period, seeds)
        path.write_text(encode_json(schema), encoding="utf-8")
        schemas[table.name] = path.relative_to(folder).as_posix()
    return schemas
