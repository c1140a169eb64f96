"""Serving: the published register in the forms that analysts' tools read.

A target is made from the current generation's file, whole or not at all; a target that fails
leaves its readers where they were. What is published belongs to `register.publishing`.
"""

from register.serving.catalogue import ForeignKey
from register.serving.datapackage import UnservedTypeError
from register.serving.grants import Grant, GrantError, decide_grant, read_grants
from register.serving.parquet import serve_parquet
from register.serving.postgres import PostgresError, serve_postgres
from register.serving.targets import serve

__all__ = [
    "ForeignKey",
    "Grant",
    "GrantError",
    "PostgresError",
    "UnservedTypeError",
    "decide_grant",
    "read_grants",
    "serve",
    "serve_parquet",
    "serve_postgres",
]
