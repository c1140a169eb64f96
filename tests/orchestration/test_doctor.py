"""`register doctor` says what is not as it should be, and what to do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.doctor import CHECKS, DEEP_CHECKS
from register.publishing import current_generation, publish
from register.serving import serve
from register.settings import Settings
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID, build


def test_truth_where_no_simulation_is_declared_is_said_and_ignored(settings: Settings) -> None:
    """Prevents simulated truth that is read, or lies unseen, because a folder is there."""
    check = CHECKS["simulated truth"]
    assert check(settings) == (True, "none, as in every real home")
    settings.truth.mkdir()
    is_well, said = check(settings)
    assert not is_well
    assert said.startswith("ignored: no simulation.json")
    settings.simulation_declaration.write_text("{}", encoding="utf-8")
    is_well, said = check(settings)
    assert is_well
    assert "no published figure uses it" in said
    is_well, said = check(replace(settings, environment="production"))
    assert not is_well
    assert said.startswith("ignored: environment 'production'")


def _deep() -> dict[str, tuple[bool, str]]:
    result = CliRunner().invoke(app, ["doctor", "--deep", "--json"])
    found = {item["subject"]: (item["is_well"], item["says"]) for item in json.loads(result.stdout)}
    return {name: found[name] for name in DEEP_CHECKS}


@pytest.mark.drill
def test_a_deep_look_finds_what_a_disk_changed(loaded: Place) -> None:
    """Prevents a register that is restored, or read for years, from files which are not whole."""
    settings = loaded.settings
    assert {name: well for name, (well, _) in _deep().items()} == {
        "landing": True,
        "published files": True,
        "Parquet files": True,
        "decisions": True,
    }
    generation = current_generation(settings)
    assert generation is not None
    for path in (
        generation.folder / "case_lists.duckdb",
        settings.published / "keys" / f"{generation.generation_id}.parquet",
        next(settings.published.glob("parquet/register/*/part-0.parquet")),
        next(settings.landing.glob("*/*/raw/*.csv")),
    ):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-9])
    with (settings.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write("2026-11-01T00:00:00Z,an invented reviewer")
    found = _deep()
    assert [well for well, _ in found.values()] == [False, False, False, False]
    assert found["landing"][1].startswith(f"police_reports/{DELIVERY_ID}: its raw copy is not")
    said = found["published files"][1]
    assert f"{generation.generation_id}: case_lists.duckdb is not the file" in said
    assert "its key log cannot be read" in said
    assert found["decisions"][1].startswith("links.csv, line 2: 2 fields, not 8")
    assert "reviewer" not in found["decisions"][1]


def test_what_is_served_is_the_current_generation(settings: Settings) -> None:
    """Prevents a target that failed, or a rollback, from leaving old figures without a word."""
    check = CHECKS["serving"]
    assert check(settings) == (True, "nothing published yet")
    first = publish(settings, build(settings, 1))
    assert check(settings) == (False, "parquet has no generation: run `register serve parquet`")
    serve(settings, "parquet", [])
    assert check(settings) == (True, "parquet: current")
    publish(settings, build(settings, 2))
    is_well, said = check(settings)
    assert (is_well, said.startswith(f"parquet has {first.generation_id}: run")) == (False, True)
    away = "host=127.0.0.1 port=1 password=unguessed-word"
    elsewhere = replace(settings, serving_targets=("postgres",), postgres_dsn=away)
    is_well, said = check(elsewhere)
    assert not is_well
    assert "connection failed" in said
    assert "unguessed-word" not in said
    assert check(replace(settings, serving_targets=()))[0]
