"""Serving: the published register in the forms that analysts' tools read.

A target is made from the current generation's file, whole or not at all; a target that fails
leaves its readers where they were. What is published belongs to `register.publishing`.
"""

from register.serving.catalogue import ForeignKey
from register.serving.datapackage import UnservedTypeError
from register.serving.parquet import serve_parquet
from register.serving.targets import serve

__all__ = [
    "ForeignKey",
    "UnservedTypeError",
    "serve",
    "serve_parquet",
]
