"""dbt reads the decisions of an encrypted home, and no others that somebody puts in their place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.data_keys import KeyRing, make_key
from register.decision_columns import LINK_DECISION_COLUMNS
from register.decision_files import append_decisions
from register.home import prepare_home
from register.settings import Settings
from tests.dbt.runs import next_folder, run_dbt

QUERY = f"select * from {{{{ read_decisions('links.csv', {list(LINK_DECISION_COLUMNS)}) }}}}"
ROW = ["2026-11-01T09:00:00Z", "Pat Reed", "never_link", "a", "b", "two birth dates, far", "", ""]


@pytest.fixture
def encrypted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with data keys and one decision."""
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    home = replace(settings, home=settings.home / "encrypted", data_keys=ring)
    prepare_home(home)
    append_decisions(home, "links.csv", [ROW], ValueError)
    return home


def test_dbt_reads_encrypted_decisions(encrypted: Settings) -> None:
    """Prevents decisions from being without effect in an encrypted home."""
    path = encrypted.decisions / "links.csv"
    assert b"never_link" not in path.read_bytes()
    shown = ["show", "--inline", QUERY, "--output", "json"]
    run = run_dbt(encrypted, next_folder(encrypted, "one"), *shown)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "never_link" in run.stdout
    path.write_text(",".join(LINK_DECISION_COLUMNS) + "\n", encoding="utf-8")
    run = run_dbt(encrypted, next_folder(encrypted, "two"), *shown)
    assert run.returncode != 0
    assert "decisions/links.csv is not encrypted" in run.stdout
