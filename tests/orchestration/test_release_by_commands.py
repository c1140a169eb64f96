"""A release from its draft to its history by the commands, over an invented nation."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner, Result

from expectations import Result as MeasuredResult
from expectations import write_results
from interfaces.command_line import app
from official_statistics.checks import TITLES
from official_statistics.machine_readable import NOTEBOOK, run_notebook
from official_statistics.papers import read_basis
from official_statistics.releases import Version, latest_version, list_versions, version_named
from official_statistics.revisions import find_carried_years
from orchestration.options import LoadOptions
from register.access_record import read_record
from register.publishing import SourceLine, Trace, current_generation
from register.settings import Settings, load_settings
from tests.dbt.forked import forked_dbt
from tests.once import made_once, shared_folder
from tests.statistics.invented_generation import (
    GENERATION_ID,
    InventedGeneration,
    give_rows,
)
from tests.statistics.small_release import rows_of_nation

# A release is counted, protected and attacked before the first of these looks at it.
pytestmark = pytest.mark.drill
Say = CliRunner()


@dataclass(frozen=True)
class Home:
    """A home, and the project that counts in it."""

    settings: Settings
    project: Path

    def version(self, name: str = "2026") -> Version:
        """A version by its name."""
        return version_named(self.settings, name)


def run_command(*arguments: str) -> Result:
    """What a command of statistics says."""
    return Say.invoke(app, ["statistics", *arguments])


def _done(*arguments: str) -> Result:
    result = run_command(*arguments)
    assert result.exit_code == 0, result.output
    return result


def _measure(settings: Settings, status: str = "passed") -> None:
    """Keep one result of measuring the generation, critical and of that status."""
    values = {
        field.name: {"int": 0, "str": "x"}.get(str(field.type)) for field in fields(MeasuredResult)
    }
    values |= {"scope": "all", "severity": "critical", "status": status}
    write_results(settings, GENERATION_ID, [MeasuredResult(**values)])


def _project(folder: Path) -> Path:
    """Where the project is that every copy of the home reads; macros lie at a path from there."""
    return folder / "release_project" / "dbt_project"


def _enter(root: Path, project: Path, patch: pytest.MonkeyPatch) -> Home:
    patch.setattr(Settings, "dbt_project", property(lambda _: project))
    patch.setattr("orchestration.dbt.dbt_executable", forked_dbt)
    patch.setenv("REGISTER_HOME", str(root / "home"))
    patch.setenv("REGISTER_ENVIRONMENT", "test")
    return Home(load_settings(), project)


@pytest.fixture(scope="session")
def drafted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a release of the small nation is announced for now, and drafted."""

    def make(root: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            home = _enter(root, _project(shared_folder(tmp_path_factory)), patch)
            home.settings.published.mkdir(parents=True)
            InventedGeneration(home.settings, home.project).give(**rows_of_nation())
            _measure(home.settings)
            _done("announce", "2026", "--at", "now", "--by", "Ann Hill", "--reason", "A test")
            output = _done("draft", "2026").output
        (root / "output.txt").write_text(output, encoding="utf-8")

    return made_once(shared_folder(tmp_path_factory) / "drafted_release", make)


@pytest.fixture(scope="session")
def published_once(drafted_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after every step to publication; what was said is in `output.txt`."""

    def make(root: Path) -> None:
        shutil.copytree(drafted_once, root, symlinks=True, dirs_exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            _enter(root, _project(drafted_once.parent), patch)
            steps = [
                ("check", "2026"),
                ("sign", "2026", "--by", "Pat Reed"),
                ("approve", "2026", "--by", "Ann Hill"),
                ("pre-release", "2026", "--to", "Minister's office", "--reason", "Briefing"),
                ("publish", "2026", "--late", "A test"),
            ]
            output = "\n".join(_done(*step).output for step in steps)
        (root / "output.txt").write_text(output, encoding="utf-8")

    return made_once(shared_folder(tmp_path_factory) / "published_release", make)


@pytest.fixture
def drafted(drafted_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the home with a draft, for one test."""
    shutil.copytree(drafted_once, tmp_path / "drafted", symlinks=True)
    return _enter(tmp_path / "drafted", _project(drafted_once.parent), monkeypatch)


@pytest.fixture
def published(published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the home with a release, for one test."""
    shutil.copytree(published_once, tmp_path / "published", symlinks=True)
    return _enter(tmp_path / "published", _project(published_once.parent), monkeypatch)


def test_a_release_goes_out_by_the_commands(published: Home, published_once: Path) -> None:
    """Prevents steps in the documents that do not lead to a release."""
    output = (published_once / "output.txt").read_text(encoding="utf-8")
    assert output.count("✓") >= 9
    assert latest_version(published.settings) == published.version()
    public = published.version().public
    assert len(list((public / "data").glob("*.csv"))) == 34
    assert "Minister's office" in (public / "pre_release_access.csv").read_text(encoding="utf-8")
    tables = {path.stem for path in (public / "parquet").iterdir()}
    assert tables == {path.stem for path in (public / "data").glob("*.csv")} - {
        path.stem for path in (public / "data").glob("*.meta.csv")
    }
    page = unescape((public / "index.html").read_text(encoding="utf-8"))
    headlines = run_notebook(public / NOTEBOOK)["headlines"]
    assert headlines
    assert all(sentence in page for sentence in headlines.values())


def test_what_is_public_is_listed_shown_and_verified(published: Home) -> None:
    """Prevents a history of releases that a person or a program cannot read."""
    (listed,) = json.loads(_done("list", "--json").stdout)
    assert (listed["version"], listed["state"], listed["latest"]) == ("2026/v1", "published", True)
    displayed = json.loads(_done("show", "2026", "--json").stdout)
    states = [event["state"] for event in displayed["events"]]
    assert states == ["draft", "checked", "signed", "approved", "pre_release", "published"]
    assert {one["name"] for one in displayed["checks"]} == set(TITLES)
    assert "Pat Reed" in _done("show", "2026").output
    assert "nothing was changed" in _done("verify", "--all").output
    rows = json.loads(_done("diff", "2026/v1", "2026/v1", "--json").stdout)
    assert {row["changed"] for row in rows} == {"0"}
    assert "agreement_by_area" in _done("diff", "2026/v1", "2026/v1").output


def test_a_public_cell_is_traced_to_lines(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a figure that those who answer for it cannot follow to what was delivered."""
    line = SourceLine(
        row_id="P",
        feed="police_reports",
        supplier_code="E23000010",
        supplier_name="West Yorkshire",
        period="2025-04",
        received_at=None,
        delivery_status=None,
        delivery_id="D1",
        file_name="a.csv",
        row_number=7,
    )
    monkeypatch.setattr(
        "register.publishing.trace_id", lambda _, key: Trace(key, "episode", "G", (line,))
    )
    words = ["trace", "--statistic", "agreement_by_area", "2026", "383"]
    outcome = json.loads(
        Say.invoke(app, [*words, "source_status=Both sources", "--limit", "2", "--json"]).stdout
    )
    truth = sum(
        row["authority_code_dfe"] == "383" and row["source_status"] == "both"
        for row in rows_of_nation()["fct_publication_episodes"]
    )
    assert outcome["value"] == len(outcome["episodes"]) == truth
    last = list(read_record(published.settings))[-1]
    assert (last["what"], last["keys"]) == ("traced_statistic", outcome["episodes"][:2])
    assert outcome["shown"] == (2 * truth + 5) // 10 * 5
    assert [one["identifier"] for one in outcome["traces"]] == outcome["episodes"][:2]
    output = Say.invoke(app, [*words, "--limit", "1"]).output
    assert f"counted {outcome['value']:,}" not in output
    assert "E23000010 West Yorkshire: D1, a.csv" in output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("no_such_file", "2026", "383"), "no_such_file"),
        (("agreement_by_area", "2026", "999"), "999"),
        (("agreement_by_area", "2026", "383", "source_status=Neither"), "source_status=Neither"),
        (("agreement_by_area", "2026"), "FILE, YEAR and AREA"),
    ],
)
def test_a_cell_that_no_release_has_is_named(
    published: Home, words: tuple[str, ...], reason: str
) -> None:
    """Prevents a traceback where a person mistypes a cell."""
    result = Say.invoke(app, ["trace", "--statistic", *words])
    assert result.exit_code != 0
    assert reason in result.output
    assert "Traceback" not in result.output


def test_before_a_release_no_cell_is_traced(drafted: Home) -> None:
    """Prevents figures of a draft from being told as published ones."""
    words = ["trace", "--statistic", "agreement_by_area", "2026", "383"]
    assert "no release is published yet" in Say.invoke(app, words).output


def test_a_count_that_is_shown_against_the_rules_fails_the_check(drafted: Home) -> None:
    """Prevents a signature under a release in which a hidden count was put back."""
    path = drafted.version().data / "missing_children_by_area.csv"
    heading, *lines = path.read_text(encoding="utf-8").splitlines()
    number = next(
        number for number, line in enumerate(lines) if "Local authority" in line and ",c," in line
    )
    lines[number] = lines[number].replace(",c,", ",10,", 1)
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    result = run_command("check", "2026")
    assert result.exit_code == 1
    assert "✗ Attack on all public releases" in result.output
    outcome = {one["name"]: one["fault_count"] for one in _checks()}
    assert outcome["attack"] > 0
    assert outcome["screener"] == 0
    assert drafted.version().state == "draft"
    refused = run_command("sign", "2026", "--by", "Pat Reed")
    assert refused.exit_code == 1
    assert "only a version that is checked" in refused.output
    assert run_command("publish", "2026").exit_code == 1
    assert latest_version(drafted.settings) is None


def _checks() -> list[dict[str, Any]]:
    return list(json.loads(_done("show", "2026", "--json").stdout)["checks"])


def test_a_generation_that_is_not_fit_is_refused(drafted: Home) -> None:
    """Prevents final figures of a year that suppliers have not delivered."""
    before = drafted.version().read_events()
    generation = current_generation(drafted.settings)
    assert generation is not None
    with duckdb.connect(str(generation.folder / "national_register.duckdb")) as connection:
        connection.execute(
            "update quality.agg_supplier_coverage_by_period set is_delivered = false"
            " where feed = 'police_reports' and period_end = '2026-03-31'"
        )
    result = run_command("draft", "2026")
    assert result.exit_code == 1
    assert "25 of 28 periods have been delivered" in " ".join(result.output.split())
    assert "--provisional" in result.output
    _measure(drafted.settings, "failed")
    assert "fails 1 critical expectations" in " ".join(run_command("draft", "2026").output.split())
    (drafted.settings.quality / "results" / f"{GENERATION_ID}.parquet").unlink()
    assert "has not been measured" in " ".join(run_command("draft", "2026").output.split())
    removed = run_command("draft", "2026", "--generation", "20200101T000000-000000")
    assert "is not kept" in removed.output
    assert drafted.version().read_events() == before


def test_a_release_that_is_not_public_is_not_revised(drafted: Home) -> None:
    """Prevents a second version of what nobody has seen."""
    assert "never published" in run_command("revise", "2026", "--scheduled").output
    assert len(list_versions(drafted.settings)) == 1


def _rebuilt(home: Home, calls: list[tuple[Path, str | None]]) -> Callable[..., object]:
    """What a rebuild does: a generation aside in the home that it is told."""
    stored = home.settings.published / "gone"

    def run(settings: Settings, job: str, options: LoadOptions, _: object) -> object:
        calls.append((settings.home, options.as_known_at))
        assert os.environ["REGISTER_HOME"] == str(settings.home)
        assert (settings.landing / "a_delivery").exists()
        aside = settings.published / "as-known-at" / "moment" / GENERATION_ID
        shutil.copytree(stored, aside)
        return SimpleNamespace(is_success=job == "look_back", failed_steps={})

    return run


def test_a_release_is_made_again_from_its_kept_generation(published: Home) -> None:
    """Prevents figures that nobody can make again."""
    done = json.loads(_done("reproduce", "2026/v1", "--json").stdout)
    assert not done["is_rebuilt"]
    assert done["differing"] == []
    assert done["compared"] > 30


def test_a_release_is_made_again_where_its_generation_is_gone(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents figures that nobody can make again, and a rebuild that readers could see."""
    settings = published.settings
    settings.landing.mkdir(exist_ok=True)
    (settings.landing / "a_delivery").mkdir()
    (settings.published / GENERATION_ID).rename(settings.published / "gone")
    (settings.published / "current").unlink()
    before = sorted(path.name for path in settings.home.iterdir())
    calls: list[tuple[Path, str | None]] = []
    monkeypatch.setattr("orchestration.runner.run_job", _rebuilt(published, calls))
    done = json.loads(_done("reproduce", "2026/v1", "--json").stdout)
    assert done["is_rebuilt"]
    assert done["differing"] == []
    # Somebody may commit between the draft and this.
    assert set(done["changed_inputs"]) <= {"code"}
    assert done["compared"] > 30
    ((home, moment),) = calls
    assert home != settings.home
    assert moment == "2026-11-26T09:30:00Z"
    assert not home.exists()
    assert [path.name for path in settings.published.iterdir()] == ["gone"]
    assert sorted(path.name for path in settings.home.iterdir()) == before


def test_a_rebuild_that_fails_says_why_and_leaves_nothing(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a reproduction that ends without a word, and half a home that stays."""
    settings = published.settings
    (settings.published / GENERATION_ID).rename(settings.published / "gone")
    monkeypatch.setattr(
        "orchestration.runner.run_job",
        lambda *_: SimpleNamespace(is_success=False, failed_steps={"build": "no such model"}),
    )
    result = run_command("reproduce", "2026/v1")
    assert result.exit_code != 0
    assert "could not be rebuilt: no such model" in result.output
    assert list(settings.home.glob(".rebuilt-*")) == []


def test_a_revision_says_why_figures_moved(published: Home) -> None:
    """Prevents figures that move between two versions without a word on why."""
    moved = frozenset({"383", "372"})
    give_rows(published.settings, **rows_of_nation(moved))
    _done("revise", "2026", "--scheduled", "--reason", "Later deliveries")
    second = published.version("2026/v2")
    assert find_carried_years(published.version("2026/v1"), second) == {
        ("202", 2026),
        ("301", 2026),
    }
    assert run_command("check", "2026").exit_code == 1
    failed = {one["name"]: one["faults"] for one in _checks() if one["fault_count"]}
    assert set(failed) == {"changes"}
    for fault in failed["changes"]:
        _done("note", "2026", fault.split()[0], "Durations were corrected.")
    _done("check", "2026")
    assert second.state == "checked"


def test_a_version_after_a_withdrawn_one_is_compared_with_it(published: Home) -> None:
    """Prevents what was public once from being forgotten when it is withdrawn."""
    withdrawn = (
        "withdraw",
        "2026",
        "A wrong table",
        "--by",
        "Pat Reed",
        "--approved-by",
        "Ann Hill",
    )
    _done(*withdrawn)
    _done("revise", "2026", "--correction", "A wrong table")
    second = published.version("2026/v2")
    assert read_basis(second).version_before == "2026/v1"
    ties = yaml.safe_load((second.public / "ties.yaml").read_text(encoding="utf-8"))
    assert ties["before"] == "2026/v1"
    attacked: list[list[str]] = []

    def noted(versions: Sequence[Version]) -> list[str]:
        attacked.append([one.name for one in versions])
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("official_statistics.production.release_check.attack_files", noted)
        run_command("check", "2026")
    assert attacked == [["2026/v1", "2026/v2"]]


def test_a_published_release_is_exported_and_a_draft_is_not(
    published: Home, tmp_path: Path
) -> None:
    """Prevents statistics that are published and that nobody can be given."""
    folder = tmp_path / "for_the_website"
    assert "files of 2026/v1" in _done("export", "2026", "--to", str(folder)).output
    public = published.version().public
    for path in public.rglob("*"):
        if path.is_file():
            copied = folder / "site" / "2026" / "v1" / path.relative_to(public)
            assert copied.read_bytes() == path.read_bytes()
            assert copied.stat().st_mode & 0o777 == 0o644
    assert run_command("export", "2026", "--to", str(folder)).exit_code == 1
    _done("withdraw", "2026", "Wrong", "--by", "Pat Reed", "--approved-by", "Ann Hill")
    assert "--withdrawn" in run_command("export", "2026", "--to", str(tmp_path / "again")).output
    _done("export", "2026", "--to", str(tmp_path / "again"), "--withdrawn")
