"""dbt builds an encrypted warehouse from encrypted landing, with the same rows as a plain one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.data_keys import KeyRing, make_key
from register.databases import is_encrypted, open_database
from register.home import prepare_home
from register.settings import Settings
from tests.dbt.runs import next_folder, run_dbt
from tests.feeds.deliveries import Home, report

MODEL = "stg_police_reports__reports"
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
BUILD = ("build", *WITHOUT_TESTS, "--select", f"+{MODEL}")
# Names that no code, heading or message has in it.
PLANTED = {"forenames": "Quillonia", "surname": "Zyxwickham"}
# Raw copies and the ledger are files of other kinds.
SEARCHED = ("warehouse", "published", "landing/schema")


def build(home: Settings) -> list[tuple[Any, ...]]:
    """Land a delivery and build its staging model; return the model's rows."""
    prepare_home(home)
    Home(home).put_reports([report(1, **PLANTED), report(2)])
    Home(home).load()
    outcome = run_dbt(home, next_folder(home, "first"), *BUILD)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    with open_database(home.data_keys, home.warehouse / "warehouse.duckdb") as connection:
        return connection.execute(f"from staging.{MODEL} order by all").fetchall()


@pytest.mark.slow
def test_an_encrypted_warehouse_has_the_same_rows_and_no_plain_name(
    settings: Settings, tmp_path: Path
) -> None:
    """Prevents names or keys in the warehouse's folder, and figures that encryption changes."""
    ring = KeyRing((make_key(), make_key()))
    encrypted = replace(settings, home=tmp_path / "encrypted", data_keys=ring)
    rows = build(encrypted)
    assert any(PLANTED["surname"] in row for row in rows)
    assert is_encrypted(encrypted.warehouse / "warehouse.duckdb")
    forbidden = [
        *(name.encode() for name in PLANTED.values()),
        *(key.secret.encode() for key in ring.keys),
    ]
    named = {
        path.relative_to(encrypted.home).as_posix()
        for folder in SEARCHED
        for path in (encrypted.home / folder).rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in forbidden)
    }
    assert named == set()
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(encrypted.warehouse / "warehouse.duckdb"))
    assert build(settings) == rows
    assert PLANTED["surname"].encode() in (settings.warehouse / "warehouse.duckdb").read_bytes()
