"""Serving of the current generation to analysts' tools, as Parquet, in PostgreSQL and as a lake.

Readers of a target get a whole generation: either the new one or the one before. Publishing
generations belongs in `register.publishing`.
"""

from register.serving.area_rows import build_area_copy, list_own_agreements
from register.serving.catalogue import (
    Column,
    ForeignKey,
    Relation,
    open_published,
    read_catalogue,
)
from register.serving.datapackage import UnservedTypeError
from register.serving.lake import LakeError, remove_earlier_snapshots, serve_lake
from register.serving.parquet import find_parquet_faults, serve_parquet
from register.serving.postgres import PostgresError, serve_postgres
from register.serving.postgres_access import is_about_a_child, select_own_rows
from register.serving.postgres_rounding import has_figures_of_children
from register.serving.targets import serve, served_generation

__all__ = [
    "Column",
    "ForeignKey",
    "LakeError",
    "PostgresError",
    "Relation",
    "UnservedTypeError",
    "build_area_copy",
    "find_parquet_faults",
    "has_figures_of_children",
    "is_about_a_child",
    "list_own_agreements",
    "open_published",
    "read_catalogue",
    "remove_earlier_snapshots",
    "select_own_rows",
    "serve",
    "serve_lake",
    "serve_parquet",
    "serve_postgres",
    "served_generation",
]
