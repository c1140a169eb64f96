"""What dbt parsed for one home is used for the next, and only where it would parse the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.contracts.files import FileHash

from orchestration import parsed_project
from orchestration.parsed_project import (
    KEPT_PARSES,
    OF_A_HOME,
    hash_without_home,
    read_shared,
    shared_parse,
    write_shared,
)
from register.settings import Settings, load_settings
from tests.dbt.runs import dbt_target, next_folder, run_dbt

HOMES = ("first", "second")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of one model and one seed."""
    root = tmp_path / "checkout"
    for name in ("dbt_project/models/invented.sql", "seeds/invented.csv", "requirements.lock"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("invented", encoding="utf-8")
    monkeypatch.setattr(parsed_project, "PROJECT_ROOT", root)
    monkeypatch.setattr(parsed_project, "PARSED", root / "build" / "parsed")
    return root


def _loader(checkout: Path, home: Path, *, given: Sequence[str] = (), memory: str = "6GB") -> Any:
    said = [("path", f"{home}/warehouse.duckdb"), ("memory_limit", memory)]
    project = SimpleNamespace(
        project_root=str(checkout / "dbt_project"),
        project_target_path=str(home / "target"),
        cli_vars=dict.fromkeys(given),
        credentials=SimpleNamespace(connection_info=lambda: said),
    )
    hashes = {f"{name}_hash": FileHash.from_contents(name) for name in ("vars", "project_env_vars")}
    state = SimpleNamespace(**hashes, profile_hash=FileHash.from_contents(str(home)))
    loader = SimpleNamespace(root_project=project, manifest=SimpleNamespace(state_check=state))
    hash_without_home(lambda _: state)(loader)  # type: ignore[arg-type, return-value]
    return loader


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    """The folders of two homes."""
    return tmp_path / HOMES[0], tmp_path / HOMES[1]


def _loaders(
    checkout: Path, homes: Sequence[Path], monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, ...]:
    loaders = []
    for home in homes:
        monkeypatch.setenv("REGISTER_HOME", str(home))
        loaders.append(_loader(checkout, home))
    return tuple(loaders)


def _write_in(loader: Any) -> None:
    def write(_: Any) -> None:
        target = Path(loader.root_project.project_target_path)
        target.mkdir(parents=True, exist_ok=True)
        (target / "partial_parse.msgpack").write_text("parsed", encoding="utf-8")

    write_shared(write)(loader)


def test_a_home_takes_what_was_parsed_for_another(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a parse of all for each home, and the first home's paths noted for the second."""
    first, second = _loaders(checkout, homes, monkeypatch)
    _write_in(first)
    parsed = SimpleNamespace(env_vars={"REGISTER_HOME": str(homes[0]), "OTHER": "as it was"})
    manifest = read_shared(lambda _: parsed)(second)  # type: ignore[arg-type, return-value]
    assert (homes[1] / "target" / "partial_parse.msgpack").read_text("utf-8") == "parsed"
    assert manifest is not None
    assert manifest.env_vars == {"REGISTER_HOME": str(homes[1]), "OTHER": "as it was"}


def test_a_home_keeps_what_was_parsed_for_it(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a newer parse of a home from giving way to an older one of the checkout."""
    first, second = _loaders(checkout, homes, monkeypatch)
    _write_in(first)
    own = homes[1] / "target" / "partial_parse.msgpack"
    own.parent.mkdir(parents=True)
    own.write_text("its own", encoding="utf-8")
    read_shared(lambda _: None)(second)
    assert own.read_text("utf-8") == "its own"


@pytest.mark.parametrize("changed", ["dbt_project/models/invented.sql", "seeds/invented.csv"])
def test_a_changed_file_is_parsed_anew(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """Prevents a build of models that are not the checkout's any more."""
    first, second = _loaders(checkout, homes, monkeypatch)
    _write_in(first)
    (checkout / changed).write_text("changed", encoding="utf-8")
    read_shared(lambda _: None)(second)
    assert not (homes[1] / "target").exists()


def test_another_setting_is_parsed_anew(checkout: Path, homes: tuple[Path, Path]) -> None:
    """Prevents a parse with one profile from standing for another."""
    places = {shared_parse(_loader(checkout, homes[0], memory=gib)) for gib in ("6GB", "4GB")}
    assert len(places) == 2


def test_what_one_run_was_told_is_not_shared(checkout: Path, homes: tuple[Path, Path]) -> None:
    """Prevents a file in the checkout for each moment that somebody looks back at."""
    assert shared_parse(_loader(checkout, homes[0], given=["as_known_at"])) is None


def test_another_project_is_not_shared(checkout: Path, homes: tuple[Path, Path]) -> None:
    """Prevents the models of a test's own project from standing for the checkout's."""
    assert shared_parse(_loader(checkout / "copy", homes[0])) is None


def test_a_damaged_parse_is_replaced(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a file that no home can use from staying for good."""
    first, _ = _loaders(checkout, homes, monkeypatch)
    _write_in(first)
    shared = shared_parse(first)
    assert shared is not None
    shared.write_text("damaged", encoding="utf-8")
    _write_in(first)
    assert shared.read_text("utf-8") == "parsed"


def test_the_newest_parses_are_kept(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a folder that grows with each change of a model."""
    for state in range(KEPT_PARSES + 2):
        (checkout / "seeds/invented.csv").write_text(str(state), encoding="utf-8")
        (first,) = _loaders(checkout, homes[:1], monkeypatch)
        _write_in(first)
    last = shared_parse(first)
    kept = list((checkout / "build" / "parsed").iterdir())
    assert len(kept) == KEPT_PARSES
    assert last in kept


def test_a_checkout_that_nobody_may_write_to_is_left_alone(
    checkout: Path, homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that fails where a checkout is another person's, or its disk is full."""
    (checkout / "build").write_text("no folder", encoding="utf-8")
    first, second = _loaders(checkout, homes, monkeypatch)
    _write_in(first)
    read_shared(lambda _: None)(second)
    assert (checkout / "build").read_text("utf-8") == "no folder"
    assert not (homes[1] / "target").exists()


def _parsed(home: Path) -> tuple[dict[str, Any], bytes]:
    settings: Settings = load_settings({"REGISTER_HOME": str(home)})
    settings.landing.mkdir(parents=True)
    settings.warehouse.mkdir(parents=True)
    outcome = run_dbt(settings, next_folder(settings, "invented"), "parse")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    target = dbt_target(settings)
    found: dict[str, Any] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return found, (target / "partial_parse.msgpack").read_bytes()


def test_dbt_takes_the_parse_and_nothing_of_the_other_home(homes: tuple[Path, Path]) -> None:
    """Prevents a second home that parses all again, or that would read files of the first."""
    (first, _), (second, noted) = (_parsed(home) for home in homes)
    of_parse = ("nodes", "sources", "macros", "exposures", "semantic_models", "unit_tests")
    # Each node says when it was made.
    assert {part: second[part] for part in of_parse} == {part: first[part] for part in of_parse}
    # What is noted of the home that parsed is replaced when it is read.
    assert noted.count(str(homes[0]).encode()) <= len(OF_A_HOME)
    assert not any(str(home) in json.dumps(second) for home in homes)
