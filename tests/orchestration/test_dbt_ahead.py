"""dbt that is started ahead does what one that is started when it is needed would do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation
from packaging.version import Version

from orchestration.builds import PARTIAL_PARSE
from orchestration.dbt import building_link, full_environment, prepare_manifest
from orchestration.dbt_ahead import DbtAhead, dbt_ahead, started_ahead
from orchestration.dbt_process import is_about
from register.settings import Settings
from tests.dbt.forked import forked_dbt
from tests.orchestration.conftest import enter_place
from tests.orchestration.small_project import write_small_project

SAYING = f"""#!{sys.executable}
import json, os, sys
ahead = sys.argv[1:] == ["wait-for-command"]
given = json.loads(sys.stdin.readline()) if ahead else {{
    "arguments": sys.argv[1:], "variables": dict(os.environ), "folder": os.getcwd()
}}
print(json.dumps(given | {{"ahead": ahead}}))
"""


@pytest.fixture
def saying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An executable in dbt's place, which says what it was given and whether it had waited."""
    path = tmp_path / "dbt"
    path.write_text(SAYING, encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr("orchestration.dbt_ahead.dbt_executable", lambda: str(path))
    return path


def _said(executable: Path, folder: Path) -> dict[str, Any]:
    with started_ahead():
        invocation = DbtCliInvocation.run(
            args=[str(executable), "build", "--select", "a"],
            env={**os.environ, "ONE": "1"},
            manifest={},
            dagster_dbt_translator=DagsterDbtTranslator(),
            project_dir=folder,
            target_path=folder,
            raise_on_error=True,
            context=None,
            adapter=None,
            cli_version=Version("1"),
        )
    assert invocation.dbt_command.endswith("build --select a")
    assert invocation.process.stdout is not None
    said: dict[str, Any] = json.loads(invocation.process.stdout.read())
    assert invocation.process.wait() == 0
    return said


@pytest.mark.parametrize(
    "state", ["not started", "waiting", "ended", "used", "seeds changed", "truth came"]
)
def test_dbt_is_given_the_same_whether_it_was_started_ahead(
    settings: Settings,
    saying: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    """Prevents a build of another selection, place or project, and one that never begins."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    monkeypatch.setattr(Settings, "seeds", property(lambda _: seeds))
    with dbt_ahead() as ahead:
        if state != "not started":
            ahead.start(settings)
        if state == "seeds changed":
            (seeds / "ref__suppliers.yml").write_text("version: 2", encoding="utf-8")
        if state == "truth came":
            settings.truth.mkdir()
            settings.simulation_declaration.write_text("{}", encoding="utf-8")
        if state == "ended":
            ahead.end()
        if state == "used":
            _said(saying, tmp_path)
        said = _said(saying, tmp_path)
    assert said["ahead"] is (state == "waiting")
    assert said["arguments"] == ["build", "--select", "a"]
    assert said["variables"]["ONE"] == "1"
    assert said["variables"]["PATH"] == os.environ["PATH"]
    assert Path(said["folder"]) == tmp_path


def test_dbt_that_had_nothing_to_do_ends_with_its_load(settings: Settings, saying: Path) -> None:
    """Prevents a process that waits for ever after a load that failed before its build."""
    with dbt_ahead() as ahead:
        ahead.start(settings)
        process = ahead._process
        assert process is not None
    assert process.poll() is not None


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        (["build"], {"HOME_OF": "a"}, True),
        (["build"], {"HOME_OF": "a", "OTHER": "1"}, True),
        (["build"], {"HOME_OF": "b"}, False),
        (["build"], {}, False),
        (["build"], {"HOME_OF": "a", "UNSET": "1"}, False),
        (["build", "--vars", "{}"], {"HOME_OF": "a"}, False),
        (["build", "--target", "spark"], {"HOME_OF": "a"}, False),
    ],
)
def test_what_was_parsed_is_used_only_where_dbt_would_parse_the_same(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variables: dict[str, str],
    expected: bool,
) -> None:
    """Prevents a build of models as they were parsed for something else."""
    monkeypatch.setattr("os.environ", variables)
    parsed: Any = SimpleNamespace(env_vars={"HOME_OF": "a", "UNSET": "DBT_DEFAULT_PLACEHOLDER"})
    assert is_about(parsed, arguments) is expected


@pytest.mark.slow
def test_dbt_itself_waits_parses_and_takes_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a dbt that is started ahead in vain: a load would start another, and nobody see."""
    write_small_project(tmp_path / "project")
    place = enter_place(tmp_path, monkeypatch)
    monkeypatch.setattr("orchestration.dbt.dbt_executable", forked_dbt)
    prepare_manifest(place.settings)
    ahead = DbtAhead()
    ahead.start(place.settings)
    try:
        process = ahead.command(
            ["--quiet", "ls", "--resource-type", "seed", "--output", "name"],
            full_environment(place.settings, building_link(place.settings))
            | {"DBT_TARGET_PATH": str(tmp_path / "target")},
            place.project,
        )
        assert process is not None
        assert process.stdout is not None
        said = process.stdout.read().decode()
        assert process.wait() == 0, said
    finally:
        ahead.end()
    assert "ref__suppliers" in said.splitlines()
    # What dbt parses it keeps in its target: this one was parsed before the command came.
    assert not (tmp_path / "target" / PARTIAL_PARSE).exists()
