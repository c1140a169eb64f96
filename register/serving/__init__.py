"""Serving: the published register in the forms that analysts' tools read.

A target is made from the current generation's file, whole or not at all; a target that fails
leaves its readers where they were. What is published belongs to `register.publishing`.
"""

from register.serving.catalogue import (
    Column,
    ForeignKey,
    Relation,
    open_published,
    read_catalogue,
)
from register.serving.datapackage import UnservedTypeError
from register.serving.grants import GrantError, decide_grant, read_grants
from register.serving.parquet import parquet_faults, serve_parquet
from register.serving.postgres import PostgresError, serve_postgres
from register.serving.postgres_access import is_about_a_child, own_rows
from register.serving.postgres_rounding import has_figures_of_children
from register.serving.targets import serve, served_generation

__all__ = [
    "Column",
    "ForeignKey",
    "GrantError",
    "PostgresError",
    "Relation",
    "UnservedTypeError",
    "decide_grant",
    "has_figures_of_children",
    "is_about_a_child",
    "open_published",
    "own_rows",
    "parquet_faults",
    "read_catalogue",
    "read_grants",
    "serve",
    "serve_parquet",
    "serve_postgres",
    "served_generation",
]
