"""The nation's statistics: drafted from its generation, checked, published, revised, reproduced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from official_statistics.production import (
    DraftOrder,
    check_release,
    draft_release,
    withdraw_release,
)
from official_statistics.releases import (
    Person,
    Version,
    announce,
    approve,
    latest_version,
    publish,
    read_practice,
    sign_version,
    verify_all,
)
from official_statistics.revisions import find_carried_years
from official_statistics.tracing import trace_cell
from orchestration.releases import release_tools
from register.publishing import current_generation
from register.publishing import publish as publish_generation
from register.settings import Settings
from tests.end_to_end.conftest import Nation

pytestmark = pytest.mark.drill  # minutes: counts and protects a nation three times

NOW = read_practice(datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
PRODUCER, HEAD = Person("Pat Reed", "producer"), Person("Ann Hill", "head_of_profession")
FIRST = DraftOrder(2026, provisional_reason="A simulated nation")
TOOLS = release_tools(print)
AGAIN = replace(FIRST, kind="scheduled", reason="Later deliveries")


@pytest.fixture(scope="module")
def home(nation: Nation, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the nation's home, in which what was built is published."""
    copied = nation.copy(tmp_path_factory.mktemp("statistics") / "home")
    settings = copied.settings
    publish_generation(settings, copied.built)
    announce(settings, 2026, NOW.now, read_practice(datetime(2026, 9, 1, tzinfo=UTC)))
    return settings


def _released(settings: Settings, order: DraftOrder) -> Version:
    version = draft_release(settings, order, PRODUCER, NOW, TOOLS)
    results = check_release(settings, version, PRODUCER, NOW)
    assert [(one.name, one.faults) for one in results if not one.is_passed] == []
    sign_version(settings, version, PRODUCER, NOW)
    approve(settings, version, HEAD, NOW)
    publish(settings, version, PRODUCER, NOW)
    return version


@pytest.fixture(scope="module")
def first(home: Settings) -> Iterator[Version]:
    """The first version of the release of 2026."""
    return _released(home, FIRST)


def test_the_base_has_every_episode_of_a_child_once(home: Settings, first: Version) -> None:
    """Prevents episodes that fall between the register and its statistics.

    Short breaks alone are outside them (`is_in_scope`).
    """
    generation = current_generation(home)
    assert generation is not None
    base = str(first.internal / "base.parquet")
    with duckdb.connect(str(generation.folder / "national_register.duckdb"), read_only=True) as db:
        counted = db.execute(
            "select count(*), count(distinct episode_id_register) from read_parquet(?)", [base]
        ).fetchall()
        episodes = db.execute(
            "select count(*) from register.fct_episodes"
            " where is_in_scope and cast(collection_year[:4] as integer) + 1 between 2025 and 2026"
        ).fetchall()
    assert counted == [(episodes[0][0], episodes[0][0])]


def test_a_cell_leads_to_the_episodes_that_it_counts(first: Version) -> None:
    """Prevents a figure that nobody can follow to its records."""
    cell = trace_cell(first, "agreement_by_area", 2026, "E92000001", ["source_status=Both sources"])
    assert cell.value == len(cell.episodes) > 0
    assert cell.shown == (2 * cell.value + 10) // 20 * 10


def test_a_release_is_reproduced_from_landing_when_its_generation_is_gone(
    home: Settings, first: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents figures that nobody can make again once generations were let go."""
    other = replace(home, home=tmp_path / "home")
    shutil.copytree(home.home, other.home, symlinks=True)
    for path in other.published.iterdir():
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    kept = sorted(path.name for path in other.home.iterdir())
    monkeypatch.setenv("REGISTER_HOME", str(other.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    told = CliRunner().invoke(app, ["statistics", "reproduce", first.name, "--json"])
    assert told.exit_code == 0, told.output
    done = json.loads(told.stdout)
    assert done["is_rebuilt"]
    assert done["differing"] == []
    assert done["compared"] > 30
    assert list(other.published.iterdir()) == []
    found = {path.name for path in other.home.iterdir()}
    assert found - {"dagster"} == set(kept) - {"dagster"}


def test_a_revision_from_the_same_records_carries_every_year_over(
    home: Settings, first: Version
) -> None:
    """Prevents a revision that moves figures for which nothing moved; and tests the way back."""
    second = _released(home, AGAIN)
    assert (first.state, second.state) == ("superseded", "published")
    with duckdb.connect() as db:
        years = db.execute(
            "select distinct authority_code_dfe, reporting_year from read_parquet(?)",
            [str(first.internal / "base.parquet")],
        ).fetchall()
    assert find_carried_years(first, second) == set(years)
    for path in sorted(first.data.glob("*.csv")):
        assert (second.data / path.name).read_bytes() == path.read_bytes()
    withdraw_release(home, second, Person("Pat Reed", "producer", "A wrong note"), HEAD, NOW)
    assert latest_version(home) == first
    assert "A wrong note" in (second.public / "index.html").read_text(encoding="utf-8")
    assert verify_all(home) == []
