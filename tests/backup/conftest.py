"""A small home with something in every folder, and both tools that back it up."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from register.backup.restic import is_restic_installed
from register.decision_files import append_decisions
from register.home import prepare_home
from register.publishing import publish
from register.serving import serve
from register.settings import Settings
from tests.publishing.builds import build

KEY = "kZ8v2QpL5rT9wXyB3nM7cF1dG4hJ6sA0"
STORE, RESTIC = "store", "restic"


# restic takes a second for each of its commands.
@pytest.fixture(params=[STORE, pytest.param(RESTIC, marks=pytest.mark.drill)])
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tool that makes the backups of this test."""
    name = str(request.param)
    if name == RESTIC and not is_restic_installed():
        pytest.skip("restic is not installed on this machine")
    monkeypatch.setattr("register.backup.backups.is_restic_installed", lambda: name == RESTIC)
    return name


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let backups be made without restic."""
    monkeypatch.setattr("register.backup.backups.is_restic_installed", lambda: False)


def with_backup(settings: Settings, place: Path, **options: object) -> Settings:
    """The settings of a home that is backed up to a folder."""
    changed = replace(settings.backup, place=str(place), key=KEY, **options)  # type: ignore[arg-type]
    return replace(settings, backup=changed)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    """A home with a generation, a release, a decision and the files of the application."""
    publish(settings, build(settings, 1))
    generation = publish(settings, build(settings, 2))
    serve(settings, "parquet", [])
    row = ["2026-11-01T00:00:00Z", "A. Person", "link", "a" * 32, "b" * 32, "Same", "", "other"]
    append_decisions(settings, "links.csv", [row], ValueError)
    release = settings.statistics / "missing_children" / "2026" / "v1" / "public"
    release.mkdir(parents=True)
    (release / "figures.csv").write_text("figure\n620\n", encoding="utf-8")
    (release / "figures.csv").chmod(0o444)
    release.chmod(0o555)
    for folder, mode in ((settings.models, 0o600), (settings.web_folder, 0o640)):
        folder.mkdir()
        (folder / "facts.json").write_text('{"name": "Okonkwo-Invented"}', encoding="utf-8")
        (folder / "facts.json").chmod(mode)
    (settings.models / "large.bin").write_bytes(random.Random(1).randbytes(9_000_000))
    (settings.web_folder / "secret").write_text("a secret of sessions", encoding="utf-8")
    for folder in (settings.quality / "results", settings.operations, settings.outbox / ".told"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / generation.generation_id).write_text("1", encoding="utf-8")
    shutil.copy(settings.decisions / "links.csv", settings.outbox / "unfinished.csv.partial-1")
    prepare_home(settings)
    return with_backup(settings, tmp_path / "backups")
