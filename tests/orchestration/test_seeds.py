"""A seed that is not as it should be is found before a build begins."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.seed_checks import SeedError, check_seeds
from register.settings import PROJECT_ROOT, Settings, load_settings
from tests.orchestration.conftest import Place

SUPPLIERS = "ref__suppliers"


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the real seeds that a test may damage."""
    folder = tmp_path / "seeds"
    shutil.copytree(PROJECT_ROOT / "seeds", folder)
    monkeypatch.setattr(Settings, "seeds", property(lambda _: folder))
    return folder


def test_the_seeds_of_the_project_are_as_they_should_be(seeds: Path) -> None:
    """Prevents a check that stops loads for seeds which dbt takes."""
    assert (seeds / f"{SUPPLIERS}.csv").exists()
    check_seeds(load_settings({"REGISTER_ENVIRONMENT": "test"}))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (",quarterly,30,", ",quarterly,soon,", "line 2: due_days is no integer"),
        (",quarterly,30,", ",quarterly,", "line 2: 7 fields, not 8"),
        (",quarterly,", ",weekly,", "line 2: delivery_calendar is no value that is accepted"),
        ("\n202,", "\n201,", "line 3: supplier_code, feed, valid_from as in line 2"),
        ("\n201,City of London,authority_extract", "\n201,City of London,", "feed is blank"),
        ("due_days", "days", "its columns are not those of its YAML: days, due_days"),
    ],
)
def test_a_slip_of_the_pen_is_named_by_file_and_line(
    seeds: Path, before: str, after: str, message: str
) -> None:
    """Prevents minutes of building for a comma too few."""
    path = seeds / f"{SUPPLIERS}.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        check_seeds(load_settings({"REGISTER_ENVIRONMENT": "test"}))
    assert f"{SUPPLIERS}.csv" in str(caught.value)
    assert message in str(caught.value)


def test_a_load_does_not_begin_with_a_damaged_seed(place: Place) -> None:
    """Prevents a load that lands and builds for minutes before it says so."""
    with (place.settings.seeds / f"{SUPPLIERS}.csv").open("a", encoding="utf-8") as file:
        file.write("one field\n")
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    assert f"{SUPPLIERS}.csv, line 3: 1 fields, not 8" in " ".join(result.output.split())
    assert not (place.settings.home / "dagster" / "logs").exists()
