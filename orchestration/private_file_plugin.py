"""dbt-duckdb's plugin that lets models read private files; the profile names this module."""

from __future__ import annotations

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from register.private_file_system import open_private_files
from register.settings import load_settings


class Plugin(BasePlugin):
    """Gives dbt's connection the home's private files."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Let dbt's connection decrypt private files."""
        open_private_files(conn, load_settings().data_keys)
