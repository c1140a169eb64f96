"""`register doctor` says what is not as it should be, and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from interfaces.command_line.commands import doctor
from interfaces.command_line.commands.doctor import CHECKS, DEEP_CHECKS
from orchestration import dbt
from orchestration.locks import warehouse_lock
from register import decision_files, home_status
from register.publishing import current_generation, publish
from register.serving import serve
from register.settings import Settings
from register.variables import LakeSettings
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID, build


def test_truth_where_no_simulation_is_declared_is_said_and_ignored(settings: Settings) -> None:
    """Prevents simulated truth that is read, or lies unseen, because a folder is there."""
    check = CHECKS["simulated truth"]
    assert check(settings) == (True, "none, as in every real home")
    settings.truth.mkdir()
    is_well, message = check(settings)
    assert not is_well
    assert message.startswith("ignored: no simulation.json")
    settings.simulation_declaration.write_text("{}", encoding="utf-8")
    is_well, message = check(settings)
    assert is_well
    assert "no published figure uses it" in message
    is_well, message = check(replace(settings, environment="production"))
    assert not is_well
    assert message.startswith("ignored: environment 'production'")


def _deep() -> dict[str, tuple[bool, str]]:
    result = CliRunner().invoke(app, ["doctor", "--deep", "--json"])
    outcome = {
        item["subject"]: (item["is_well"], item["says"]) for item in json.loads(result.stdout)
    }
    return {name: outcome[name] for name in (*DEEP_CHECKS, "decisions")}


@pytest.mark.drill
def test_a_deep_look_finds_what_a_disk_changed(loaded: Place) -> None:
    """Prevents a register that is restored, or read for years, from files which are not whole."""
    settings = loaded.settings
    assert {name: well for name, (well, _) in _deep().items()} == {
        "landing": True,
        "published files": True,
        "Parquet files": True,
        "signatures of receipts": True,
        "accounts": True,
        "entries of the access record": True,
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
    outcome = _deep()
    assert {name for name, (well, _) in outcome.items() if well} == {"accounts"}
    message = outcome["entries of the access record"][1]
    assert "no entry is about decisions/links.csv" in message
    assert outcome["landing"][1] == (
        f"police_reports/{DELIVERY_ID}: its raw copy is not what was delivered;"
        " restore it from the backup"
    )
    message = outcome["published files"][1]
    assert f"{generation.generation_id}: case_lists.duckdb is not the file" in message
    assert "its key log cannot be read" in message
    assert outcome["decisions"][1].startswith("links.csv, line 2: 2 fields, not 8")
    assert "reviewer" not in outcome["decisions"][1]


def test_what_is_served_is_the_current_generation(settings: Settings) -> None:
    """Prevents a target that failed, or a rollback, from leaving old figures without a word."""
    check = CHECKS["serving"]
    assert check(settings) == (True, "nothing published yet")
    first = publish(settings, build(settings, 1))
    assert check(settings) == (False, "parquet has no generation: run `register serve parquet`")
    serve(settings, "parquet", [])
    assert check(settings) == (True, "parquet: current")
    publish(settings, build(settings, 2))
    is_well, message = check(settings)
    assert (is_well, message.startswith(f"parquet has {first.generation_id}: run")) == (False, True)
    away = "host=127.0.0.1 port=1 password=unguessed-word"
    elsewhere = replace(settings, serving_targets=("postgres",), postgres_dsn=away)
    is_well, message = check(elsewhere)
    assert not is_well
    assert "connection failed" in message
    assert "unguessed-word" not in message
    lake = LakeSettings(str(settings.home / "a.ducklake"), str(settings.home / "data"))
    to_lake = replace(settings, serving_targets=("lake",), lake=lake)
    assert check(to_lake) == (False, "lake has no generation: run `register serve lake`")
    serve(to_lake, "lake", [])
    assert check(to_lake) == (True, "lake: current")
    Path(lake.catalogue).unlink()
    Path(lake.catalogue).write_bytes(b"no catalogue")
    assert check(to_lake)[1].startswith("serving the lake failed: ")
    assert check(replace(settings, serving_targets=()))[0]


def _with_checks(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, checks: dict[str, tuple[bool, str]]
) -> None:
    """Let the command use a home, and run no check but these, each with its result."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setattr(
        doctor,
        "CHECKS",
        {name: lambda _, outcome=outcome: outcome for name, outcome in checks.items()},
    )


def test_the_command_fails_where_one_check_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a scheduler from loading a home of which a check has failed."""
    _with_checks(monkeypatch, settings, {"disk": (True, "9 GB free"), "key": (False, "not set")})
    output = CliRunner().invoke(app, ["doctor", "--close"])
    assert output.exit_code == 1
    assert "✓" in output.output
    assert "✗" in output.output
    assert "0 folders and files closed" in output.output
    messages = CliRunner().invoke(app, ["doctor", "--json"])
    assert json.loads(messages.stdout) == [
        {"subject": "disk", "is_well": True, "says": "9 GB free"},
        {"subject": "key", "is_well": False, "says": "not set"},
    ]
    _with_checks(monkeypatch, settings, {"disk": (True, "9 GB free")})
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0


def test_settings_that_cannot_be_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a traceback from the command that is to say what is wrong."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "somewhere")
    refused = CliRunner().invoke(app, ["doctor"])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output


def test_a_home_that_cannot_be_written_or_is_full_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that fails after an hour for want of a right or of space."""
    assert CHECKS["home"](settings) == (True, str(settings.home))
    monkeypatch.setattr(doctor.os, "access", lambda path, _: "quality" not in str(path))
    is_well, message = CHECKS["home"](settings)
    assert (is_well, message) == (False, f"{settings.home}: cannot write quality")
    usage = type("Usage", (), {"free": 2 * 1024**3})
    monkeypatch.setattr(home_status.shutil, "disk_usage", lambda _: usage)
    assert CHECKS["disk"](settings) == (
        False,
        "2 GB free; free some, or keep fewer generations",
    )
    free = {settings.home: 9, settings.landing: 3}
    usages = {path: type("Usage", (), {"free": size * 1024**3}) for path, size in free.items()}
    monkeypatch.setattr(
        home_status.shutil, "disk_usage", lambda path: usages.get(path, usages[settings.home])
    )
    assert CHECKS["disk"](settings)[1].startswith("3 GB free for landing; free some")


def test_extensions_that_do_not_load_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that reads no workbook because an extension is of another version."""
    assert CHECKS["Python"](settings)[0]
    assert CHECKS["DuckDB extensions"](settings)[0]

    class Broken:
        @staticmethod
        def import_extension(name: str) -> None:
            if name == "excel":
                raise OSError(name)

    monkeypatch.setattr(doctor.importlib, "import_module", lambda _: Broken)
    is_well, message = CHECKS["DuckDB extensions"](settings)
    assert not is_well
    assert message.startswith("cannot load excel")


def test_a_load_that_runs_and_what_a_killed_one_left_are_said(settings: Settings) -> None:
    """Prevents an operator from removing by hand what the next load sweeps."""
    assert CHECKS["locks"](settings) == (True, "no load is running")
    assert CHECKS["left-overs"](settings) == (True, "nothing left by killed loads")
    with warehouse_lock(settings):
        assert CHECKS["locks"](settings) == (True, "a load is running")
    (settings.landing / ".partial" / "police_reports-1").mkdir(parents=True)
    is_well, message = CHECKS["left-overs"](settings)
    assert is_well
    assert message.startswith("1 partial landings and 0 old builds")


def test_a_link_to_a_generation_that_is_gone_is_found(settings: Settings) -> None:
    """Prevents readers who open nothing, and an operator who is told that all is well."""
    check = CHECKS["current generation"]
    assert check(settings) == (True, "nothing published yet: run `register load`")
    generation = publish(settings, build(settings, 1))
    assert check(settings) == (True, generation.generation_id)
    (generation.folder / "manifest.json").rename(settings.home / "manifest.json")
    is_well, message = check(settings)
    assert not is_well
    assert "register generations rollback" in message


def test_a_project_that_does_not_parse_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that ends at once, after the doctor found nothing."""
    check = CHECKS["dbt project"]

    def broken(_: Settings) -> None:
        raise dbt.DbtError("model fct_reports reads no source")

    monkeypatch.setattr(dbt, "prepare_manifest", lambda _: None)
    assert check(settings) == (True, "the project parses")
    monkeypatch.setattr(dbt, "prepare_manifest", broken)
    assert check(settings) == (False, "model fct_reports reads no source")
    monkeypatch.setattr(dbt, "dbt_executable", lambda: str(settings.home / "no-dbt"))
    is_well, message = check(settings)
    assert not is_well
    assert message.startswith("dbt is not installed")


def test_a_key_by_which_decisions_were_not_made_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents decisions that link nobody because the key of the home is another."""
    check = CHECKS["pseudonym key"]
    assert settings.key_id in check(settings)[1]

    def changed(_: Settings) -> None:
        raise decision_files.KeyChangedError("the key of the decisions is another")

    monkeypatch.setattr(decision_files, "check_decision_key", changed)
    assert check(settings) == (False, "the key of the decisions is another")


def test_layouts_and_access_are_well_in_a_new_home(settings: Settings) -> None:
    """Prevents a doctor that finds fault with a home nobody has touched."""
    assert CHECKS["layouts"](settings) == (True, "every layout and assignment can be used")
    assert CHECKS["access"](settings) == (True, "only the people who should")
    (settings.landing / "open.csv").write_text("a", encoding="utf-8")
    (settings.landing / "open.csv").chmod(0o666)
    is_well, message = CHECKS["access"](settings)
    assert not is_well
    assert "register doctor --close" in message
