"""The ODBC driver reads the register through the file that analysts copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from psycopg import conninfo

from register.serving import serve_postgres
from register.settings import PROJECT_ROOT, Settings
from tests.serving.registers import CHILDREN, published
from tests.serving.server import Server

FILE = PROJECT_ROOT / "docs" / "connect" / "odbc.ini"
LEVELS = {
    "register.fct_episodes": {"duration_hours_upper": "omitted"},
    "bi.episodes": {"duration_hours_upper": "omitted", "rounded": "omitted"},
}


def _query(folder: Path, user: str, sql: str) -> str:
    """What the driver answers to a query of the data source `register`, or its error."""
    outcome = subprocess.run(
        ["isql", "-b", "-v", "-x,", "register", user],
        input=f"{sql}\n",
        env={**os.environ, "ODBCINI": str(folder / "odbc.ini")},
        capture_output=True,
        text=True,
        check=False,
    )
    return outcome.stdout + outcome.stderr


def test_an_analyst_reads_the_coarse_form_through_odbc_and_writes_nothing(
    to_postgres: Settings, server: Server, tmp_path: Path
) -> None:
    """Prevents a connection file whose words the driver does not understand.

    The server of tests has no certificate: `connect-bi-tools.md` says how that was tried.
    """
    if shutil.which("isql") is None:
        pytest.skip("no ODBC driver: unixodbc and odbc-postgresql are not installed")
    serve_postgres(to_postgres, published(to_postgres, 1, CHILDREN, levels=LEVELS))
    place = conninfo.conninfo_to_dict(
        server.member(to_postgres.postgres_dsn, "odbc_analyst", "register_national")
    )
    text = FILE.read_text(encoding="utf-8")
    for word, value in (
        ("db.example", place["host"]),
        ("5432", place.get("port", "5432")),
        ("Database = register", f"Database = {place['dbname']}"),
        ("verify-full", "disable"),
    ):
        text = text.replace(word, str(value))
    (tmp_path / "odbc.ini").write_text(text, encoding="utf-8")
    answer = _query(tmp_path, "odbc_analyst", "select count(*) from coarse_bi.episodes")
    assert "3004" in answer, answer
    exact = _query(tmp_path, "odbc_analyst", "select count(*) from bi.episodes")
    assert "permission denied for schema bi" in exact
    refused = _query(tmp_path, "odbc_analyst", "delete from coarse_bi.episodes")
    assert "readonly" in refused
