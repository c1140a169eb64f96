"""A plugin of dbt-duckdb: encrypts what dbt's connection writes, if the home has keys.

It attaches encrypted databases before the profile's `attach` does, which then finds them attached.
So no key is in the profile, in compiled SQL, or in an artefact of dbt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from register.databases import ENCRYPTED_NAMES, attach_database, load_secure_random
from register.parquet_files import add_parquet_keys
from register.private_file_system import open_private_files
from register.settings import load_settings


class Plugin(BasePlugin):
    """The plugin, under the name that dbt-duckdb looks for."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the key ring from the environment."""
        self._ring = load_settings().data_keys
        attached = self.creds.attach if self.creds is not None else None
        self._attached = {each.alias for each in attached or ()}

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Encrypt rows that spill to disk."""
        if self._ring is not None:
            config["temp_file_encryption"] = "true"

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach encrypted databases, and give the connection Parquet keys and private files."""
        if self._ring is None or self.creds is None:
            return
        load_secure_random(conn)
        add_parquet_keys(conn, self._ring)
        open_private_files(conn, self._ring)
        for each in self.creds.attach or ():
            path = Path(each.path)
            if path.name in ENCRYPTED_NAMES:
                attach_database(conn, self._ring, path, str(each.alias), read_only=each.read_only)

    def configure_cursor(self, cursor: Any) -> None:
        """Let queries find functions of the profile's database by their name alone."""
        if self.creds is not None and self.creds.database in self._attached:
            cursor.execute(f"use {self.creds.database}")
