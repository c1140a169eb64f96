"""`register guide` and `register docs`: where they write, and what they say when they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces import documentation
from interfaces.command_line import app
from orchestration import dbt
from register.settings import Settings


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home of which dbt writes the documentation at once, and the documents are one page."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")

    def document(settings: Settings, arguments: list[str], _: Path) -> None:
        assert arguments[:2] == ["docs", "generate"]
        target = dbt.dbt_target(settings)
        target.mkdir(parents=True, exist_ok=True)
        (target / "static_index.html").write_text("<p>models</p>", encoding="utf-8")
        (target / "manifest.json").write_text('{"nodes": {}, "sources": {}}', encoding="utf-8")

    def build(_: Any, manifest: dict[str, Any], folder: Path) -> Path:
        assert manifest == {"nodes": {}, "sources": {}}
        return folder / "index.html"

    monkeypatch.setattr(dbt, "run_dbt", document)
    monkeypatch.setattr(documentation, "build_documentation", build)
    return settings


def test_the_guide_for_suppliers_goes_where_it_is_asked_to(home: Settings, tmp_path: Path) -> None:
    """Prevents a guide that an operator cannot hand to suppliers."""
    written = CliRunner().invoke(app, ["guide", str(tmp_path / "guide")])
    assert written.exit_code == 0, written.output
    assert written.output.startswith(f"supplier guide: {tmp_path / 'guide'}")
    assert list((tmp_path / "guide").rglob("*.csv"))


def test_documents_of_a_home_without_a_generation_have_no_quality_site(home: Settings) -> None:
    """Prevents an empty quality site, and documents that wait for a first load."""
    built = CliRunner().invoke(app, ["docs"])
    assert built.exit_code == 1
    assert "nothing is published yet, so there is no quality site" in built.output
    models = home.quality / "models"
    assert (models / "index.html").read_text(encoding="utf-8") == "<p>models</p>"
    assert (models / "dictionary").is_dir()
    assert (models / "supplier_guide").is_dir()
    for name in ("models", "data dictionary", "documents", "supplier guide"):
        assert f"{name}: " in built.output


def test_what_dbt_says_is_told_and_nothing_is_left(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a traceback, and scratch folders that pile up in the home."""

    def fail(*_: Any) -> None:
        raise dbt.DbtError("a model has no description")

    monkeypatch.setattr(dbt, "run_dbt", fail)
    before = {path for path in home.published.rglob("*") if path.is_dir()}
    failed = CliRunner().invoke(app, ["docs"])
    assert failed.exit_code == 1
    assert "a model has no description" in failed.output
    assert {path for path in home.published.rglob("*") if path.is_dir()} == before


def test_links_of_documents_that_lead_nowhere_are_named(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a site of documents with dead links."""

    def fail(*_: Any) -> None:
        raise documentation.DocumentationError("docs/reference/measures.md leads to nothing.md")

    monkeypatch.setattr(documentation, "build_documentation", fail)
    failed = CliRunner().invoke(app, ["docs"])
    assert failed.exit_code == 1
    assert "docs/reference/measures.md leads to nothing.md" in failed.output
