"""Checks that this machine has what a load on Spark needs: packages, and Java or a server."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from urllib.parse import urlsplit

REQUIRED_PACKAGES = {"pyspark": "pyspark", "dbt.adapters.registerspark": "dbt-registerspark"}
# The form of a server's address, for error messages.
ADDRESS = "sc://host:15002, and /;token=... after it where the server asks for one"


class SparkMissingError(RuntimeError):
    """An error: Spark cannot be started on this machine. The message says what to install."""


def missing_for_spark(remote: str = "") -> str | None:
    """Return a sentence about what this machine lacks for a load on Spark, or None.

    With `remote`, the address of a Spark Connect server, no Java runtime is needed.
    """
    packages = [
        package for module, package in REQUIRED_PACKAGES.items() if find_spec(module) is None
    ]
    if packages:
        return f"{' and '.join(packages)} not installed: run `make setup-spark`"
    if not remote and shutil.which("java") is None:
        return "there is no `java` on the path: install a Java runtime, version 17 or 21"
    return None


def check_spark(remote: str = "") -> None:
    """Raise `SparkMissingError` if a load cannot run on Spark here, or on the server `remote`."""
    if remote and not _is_address(remote):
        # The message does not quote the address, which may contain a token.
        raise SparkMissingError(f"REGISTER_SPARK_REMOTE is no address of a server: write {ADDRESS}")
    missing = missing_for_spark(remote)
    if missing is not None:
        raise SparkMissingError(f"Spark cannot be started: {missing}")


def _is_address(remote: str) -> bool:
    parts = urlsplit(remote)
    try:
        return parts.scheme == "sc" and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
