"""Published releases leave the home as a site and as a bundle, and nothing else leaves it."""

from __future__ import annotations

import csv
import io
import zipfile
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from official_statistics.documents import Confidentiality, ReleaseFacts, read_public_files
from official_statistics.export import export_release
from official_statistics.production import withdraw_release
from official_statistics.releases import Person, ReleaseError, announce, latest_version
from register.settings import Settings, load_settings
from tests.statistics.documents.conftest import default_release, done, facts
from tests.statistics.exported_versions import REASON, MakeVersion, make_version
from tests.statistics.versions import HEAD, RELEASE_AT, STEPS, WAYS, at

__all__ = ["default_release", "done", "facts"]

PAGES = ("index", "guidance", "quality", "methodology", "confidentiality", "reconciliation")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the release of 2026 is announced."""
    environ = {"REGISTER_HOME": str(tmp_path / "home"), "REGISTER_ENVIRONMENT": "test"}
    settings = load_settings(environ)
    announce(settings, 2026, RELEASE_AT, at(-60))
    return settings


@pytest.fixture
def make(
    settings: Settings, default_release: Path, facts: ReleaseFacts, done: Confidentiality
) -> MakeVersion:
    """Return what makes a version with pages in this home."""
    return partial(make_version, settings, default_release, facts, done)


def _front_page(folder: Path) -> str:
    return (folder / "site" / "index.html").read_text(encoding="utf-8")


def test_the_site_has_the_signed_bytes_readable_for_all(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents a website with other figures than people signed, or that nobody can read."""
    version, folder = make(), tmp_path / "out" / "2026"
    steps: list[str] = []
    result = export_release(settings, version, folder, progress=steps.append)
    copies = folder / "site" / "2026" / "v1"
    signed = {path.relative_to(version.public): path for path in version.public.rglob("*.*")}
    assert {path.relative_to(copies) for path in copies.rglob("*.*")} == set(signed)
    assert all((copies / name).read_bytes() == path.read_bytes() for name, path in signed.items())
    assert {path.stat().st_mode & 0o777 for path in result.files} == {0o644}
    assert {path.parent.stat().st_mode & 0o777 for path in result.files} == {0o755}
    assert not list(folder.rglob("*.md"))
    assert {path.stem for path in copies.glob("*.html")} == set(PAGES)
    assert steps == ["verify 2026/v1", "copy 2026/v1", "write front page", "write bundle"]
    assert result.versions == (version,)


def test_a_folder_that_is_not_empty_is_left_alone(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents an export that mixes with, or replaces, other files."""
    version, folder = make(), tmp_path / "out"
    folder.mkdir()
    export_release(settings, version, folder)
    with pytest.raises(ReleaseError, match="already exists: give a new or an empty folder"):
        export_release(settings, version, folder)
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ReleaseError, match="already exists"):
        export_release(settings, version, file)
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("state", sorted(set(WAYS) - {"published", "none"}))
def test_what_is_not_public_is_not_exported(
    settings: Settings, make: MakeVersion, tmp_path: Path, state: str
) -> None:
    """Prevents a draft, or a release under embargo, from leaving the home."""
    version = make(state=state)
    with pytest.raises(ReleaseError, match=r"not published|is withdrawn"):
        export_release(settings, version, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    if state == "withdrawn":
        assert export_release(settings, version, tmp_path / "out", allows_withdrawn=True).files
        assert "No release is public now" in _front_page(tmp_path / "out")


@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_version_is_not_exported(
    settings: Settings, make: MakeVersion, tmp_path: Path, number: int
) -> None:
    """Prevents figures that were changed after publication from leaving, in any version."""
    versions = [make(), make(number=2)]
    page = versions[number - 1].public / "guidance.html"
    page.chmod(0o644)
    page.write_text("changed", encoding="utf-8")
    with pytest.raises(ReleaseError, match=f"2026/v{number} is not as it was published"):
        export_release(settings, versions[1], tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == list(tmp_path.glob(".partial*")) == []


def test_a_file_that_changes_during_the_export_is_not_copied(
    settings: Settings, make: MakeVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a file that was changed after it was verified from leaving."""
    version = make()

    def verify_and_change(*_: object) -> list[object]:
        page = version.public / "guidance.html"
        page.chmod(0o644)
        page.write_text("changed", encoding="utf-8")
        return []

    monkeypatch.setattr("official_statistics.export.site_export.verify_version", verify_and_change)
    with pytest.raises(ReleaseError, match=r"guidance.html of 2026/v1 is not as it was sealed"):
        export_release(settings, version, tmp_path / "out")


def test_the_front_page_leads_to_every_version(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents readers who cannot find the figures that they used last year."""
    make()
    folder = tmp_path / "out"
    result = export_release(settings, make(number=2), folder)
    assert [version.name for version in result.versions] == ["2026/v1", "2026/v2"]
    page = _front_page(folder)
    assert page.index('href="2026/v2/index.html"') < page.index('href="2026/v1/index.html"')
    assert f"Current. Revised: {REASON.replace('&', '&amp;')}" in page
    assert "Announced releases" not in page
    assert "Replaced by a later version" in page
    assert 'href="2026/v2/signatures.json"' in page
    assert "Ann Hill" not in page
    assert "Pat Reed" not in page
    headlines = [each for each in page.splitlines() if 'class="topic"' in each]
    signed = (folder / "site" / "2026" / "v2" / "index.html").read_text(encoding="utf-8")
    assert len(headlines) > 5
    assert all(line.removesuffix("</li>") in signed for line in headlines)


def test_the_front_page_leads_to_the_newest_year(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents a late correction of an older year from being shown as the latest release."""
    make()
    announce(settings, 2025, RELEASE_AT, at(-60))
    older = make(year=2025)
    assert latest_version(settings) == older
    export_release(settings, older, tmp_path / "out")
    page = _front_page(tmp_path / "out")
    assert '<a href="2026/v1/index.html">Read the latest release' in page
    assert page.count("<td>Current</td>") == 2
    assert page.index("Year ending 31 March 2026<") < page.index("Year ending 31 March 2025<")


def test_a_withdrawn_version_is_marked_and_its_files_stay_away(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents wrong figures that look like any others, and the names of those who withdrew."""
    first = make()
    second = make(number=2)
    person = Person("Pat Reed", "producer", "A <wrong> table")
    withdraw_release(settings, second, person, HEAD, at(1))
    export_release(settings, first, tmp_path / "out")
    page = _front_page(tmp_path / "out")
    assert "Withdrawn: A &lt;wrong&gt; table" in page
    assert "2026/v2" not in page
    assert not (tmp_path / "out" / "site" / "2026" / "v2").exists()
    assert "Ann Hill" not in page
    export_release(settings, first, tmp_path / "all", allows_withdrawn=True)
    assert (tmp_path / "all" / "site" / "2026" / "v2" / "index.html").exists()
    assert 'href="2026/v2/index.html"' in _front_page(tmp_path / "all")


def test_the_bundle_is_in_the_form_that_the_platform_takes(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents a ZIP file that the department's platform refuses."""
    version = make(number=2)
    export_release(settings, version, tmp_path / "out")
    folder = tmp_path / "out" / "explore-education-statistics"
    with zipfile.ZipFile(folder / "missing_children.zip") as archive:
        names = archive.namelist()
        heads, *rows = csv.reader(io.StringIO(archive.read("dataset_names.csv").decode()))
        contents = {name: archive.read(name) for name in names if name != "dataset_names.csv"}
    assert heads == ["file_name", "dataset_name"]
    assert [row[0] for row in rows] == list(read_public_files(version.public))
    assert len({row[1] for row in rows}) == len(rows)
    files = [f"{row[0]}{ending}" for row in rows for ending in (".csv", ".meta.csv")]
    assert names == ["dataset_names.csv", *files]
    assert all(len(name) <= 150 for name in names)
    assert all((version.data / name).read_bytes() == text for name, text in contents.items())
    assert len((folder / "publication-summary.txt").read_text().strip()) <= 160
    assert (folder / "release-note.txt").read_text() == f"{REASON}\n"
    assert {path.suffix for path in (folder / "supporting-files").iterdir()} == {".ods", ".xlsx"}


def test_the_bundle_has_the_texts_of_the_signed_pages(
    settings: Settings, make: MakeVersion, tmp_path: Path
) -> None:
    """Prevents texts on the platform that differ from the release, or link to nothing there."""
    version = make(state="pre_release")
    folder = tmp_path / "out" / "explore-education-statistics"
    with pytest.raises(ReleaseError, match="not published"):
        export_release(settings, version, tmp_path / "out")
    STEPS["published"](settings, version)
    export_release(settings, version, tmp_path / "out")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    names = ("data-guidance", "headlines", "methodology", "pre-release-access-list", "summary")
    assert sorted(texts) == sorted(names)
    assert not any("href" in text or "<svg" in text or "<div" in text for text in texts.values())
    page = (version.public / "index.html").read_text(encoding="utf-8")
    sentences = [line[4:-5] for line in texts["headlines"].splitlines() if line.startswith("<li>")]
    assert len(sentences) > 5
    assert all(sentence in page for sentence in sentences)
    assert "<li>Minister&#39;s office (Briefing)</li>" in texts["pre-release-access-list"]
    assert "<h2>Sources</h2>" in texts["methodology"]
    assert texts["data-guidance"].count("<h3>") == len(read_public_files(version.public))
    assert not (folder / "release-note.txt").exists()


def test_the_command_says_what_it_writes_and_why_it_refuses(
    settings: Settings, make: MakeVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an export that is silent for minutes, or that fails without a way out."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")

    def run_export(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["statistics", "export", *arguments])
        return result.exit_code, " ".join(result.output.split())

    version, folder = make(state="approved"), str(tmp_path / "out")
    code, output = run_export("2026", "--to", folder)
    assert (code, "2026/v1 is not published: nobody may have it yet" in output) == (1, True)
    STEPS["published"](settings, version)
    code, output = run_export("2026", "--to", folder)
    assert code == 0
    for step in ("verify 2026/v1", "copy 2026/v1", "write front page", "write bundle"):
        assert step in output
    assert f"files of 2026/v1 are in {folder}; the bundle is of 2026/v1" in output
    code, output = run_export("2026", "--to", folder)
    assert (code, "give a new or an empty folder" in output) == (1, True)
    code, output = run_export("2025", "--to", folder)
    assert (code, "there is no release 2025" in output) == (1, True)
    (version.public / "index.html").chmod(0o644)
    (version.public / "index.html").write_text("changed", encoding="utf-8")
    code, output = run_export("2026", "--to", str(tmp_path / "again"))
    assert (code, "2026/v1 is not as it was published" in output) == (1, True)
    code, output = run_export("--help")
    assert (code, "Explore Education Statistics" in output) == (0, True)
