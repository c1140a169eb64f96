"""The descriptor of a Parquet package: a Frictionless Data Package (specification v1).

It lists the names, types, descriptions and keys of every table. Writing the files belongs in
`register.serving.parquet`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from register.hashing import hash_file
from register.serving.catalogue import Column, Relation

FILE = "datapackage.json"
TYPES = {
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "HUGEINT": "integer",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "TINYINT": "integer",
    "VARCHAR": "string",
}
HASH = "sha256:"
DECIMAL = re.compile(r"^DECIMAL\(")


class UnservedTypeError(ValueError):
    """A target does not support a column's type or name; the message names the column."""


def describe_package(
    generation_id: str,
    created: str,
    relations: Sequence[Relation],
    paths: Mapping[str, Sequence[str]],
    folder: Path,
) -> dict[str, Any]:
    """Return the descriptor: a resource for each relation, with its files' paths in `folder`.

    `files` has each file's hash, because the specification has no hashes for a resource of several
    files.
    """
    return {
        "profile": "data-package",
        "name": "national-register-of-missing-children",
        "title": "National register of missing children, pseudonymous",
        "description": (
            "The published register as Parquet files, one generation whole. Keys are pseudonyms;"
            " no name, date of birth, postcode or reference is in it."
        ),
        "id": generation_id,
        "version": generation_id,
        "created": created,
        "resources": [
            _describe_resource(relation, paths[relation.full_name]) for relation in relations
        ],
        "files": [
            {
                "path": path,
                "bytes": (folder / path).stat().st_size,
                "hash": HASH + hash_file(folder / path),
            }
            for relation in relations
            for path in paths[relation.full_name]
        ],
    }


def _describe_resource(relation: Relation, paths: Sequence[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_describe_field(relation, column) for column in relation.columns]
    }
    if relation.primary_key:
        schema["primaryKey"] = list(relation.primary_key)
    if relation.foreign_keys:
        schema["foreignKeys"] = [
            {
                "fields": list(key.columns),
                "reference": {
                    "resource": ".".join(key.to_table),
                    "fields": list(key.to_columns),
                },
            }
            for key in relation.foreign_keys
        ]
    return {
        "profile": "tabular-data-resource",
        "name": relation.full_name,
        "title": relation.full_name,
        "description": relation.comment,
        "path": list(paths),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": schema,
    }


def _describe_field(relation: Relation, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _convert_type(relation, column),
        "description": column.comment,
    }
    constraints = {}
    if not column.is_nullable:
        constraints["required"] = True
    if relation.primary_key == (column.name,):
        constraints["unique"] = True
    return {**field, "constraints": constraints} if constraints else field


def _convert_type(relation: Relation, column: Column) -> str:
    field_type = "number" if DECIMAL.match(column.data_type) else TYPES.get(column.data_type)
    if field_type is None:
        raise UnservedTypeError(
            f"{relation.full_name}.{column.name} has the type {column.data_type}, for which a data"
            " package has no word"
        )
    return field_type
