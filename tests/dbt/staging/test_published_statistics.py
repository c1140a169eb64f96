"""The publisher's files, as they are released, become figures and symbols."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.feeds import land_everything
from register.settings import PROJECT_ROOT, Settings
from tests.dbt.part_of_project import write_part
from tests.dbt.runs import next_folder, run_dbt

YARDSTICKS = PROJECT_ROOT.parent / "shared" / "yardsticks"
RELEASES = (
    "dfe_la_missing_or_away_2020_2024.csv",
    "dfe_national_missing_2020_2024.csv",
    "dfe_national_away_2020_2024.csv",
)
MODEL = "stg_published_statistics__figures"
HEADING = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    "region_name,old_la_code,la_name,new_la_code,cla_group,number"
)


def _deliver(settings: Settings, period: str, text: bytes) -> None:
    folder = settings.inbox / "published_statistics" / "DFE" / period
    folder.mkdir(parents=True)
    (folder / "figures.csv").write_bytes(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, manifest: dict[str, Any]) -> Path:
    """The staging of figures and what it reads, as a dbt project of its own."""
    folder = tmp_path_factory.mktemp("staging") / "project"
    write_part(folder, manifest, MODEL)
    return folder


def _stage(
    settings: Settings, project: Path, as_known_at: str = "9999-12-31T00:00:00Z"
) -> list[tuple[object]]:
    """Land the inbox, build the staging of figures, and return how many rows it has."""
    land_everything(settings)
    arguments = ["run", "--vars", f"{{as_known_at: '{as_known_at}'}}"]
    outcome = run_dbt(settings, next_folder(settings, "staged"), *arguments, project=project)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    return _query(settings, f"select count(*) from staging.{MODEL}")


def _query(settings: Settings, query: str) -> list[tuple[object]]:
    warehouse = settings.warehouse / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_figure_is_a_number_or_a_symbol(settings: Settings, project: Path) -> None:
    """Prevents a suppressed count that is read as 0 and compared with the register."""
    place = "E92000001,England,E13000001,Inner London,202,Camden,E09000007"
    values = ["12", '"1,234"', "c", "z", "x", "k", "low", ":", "6.5"]
    lines = [f"2024,Reporting year,Local authority,{place},Missing,{value}" for value in values]
    _deliver(settings, "2024", "\n".join([HEADING, *lines, ""]).encode())
    assert _stage(settings, project) == [(len(values),)]
    found = _query(
        settings,
        "select coalesce(cast(figure as varchar), symbol_code), collection_year,"
        " region_code_ons, authority_code_dfe"
        " from staging.stg_published_statistics__figures order by _row_number",
    )
    expected = ["12.0", "1234.0", "c", "z", "x", "k", "low", ":", "6.5"]
    assert found == [(value, "2023-24", "E13000001", "202") for value in expected]


def test_what_was_not_yet_known_is_not_staged(settings: Settings, project: Path) -> None:
    """Prevents a register rebuilt for a past day that knows what arrived later."""
    place = "E92000001,England,,,,,"
    line = f"2024,Reporting year,National,{place},Missing,12\n"
    _deliver(settings, "2024", f"{HEADING}\n{line}".encode())
    os.utime(
        settings.inbox / "published_statistics" / "DFE" / "2024" / "figures.csv",
        (1_700_000_000, 1_700_000_000),
    )
    assert _stage(settings, project, "2023-11-14T22:13:19Z") == [(0,)]
    assert _stage(settings, project, "2023-11-14T22:13:20Z") == [(1,)]


@pytest.mark.parametrize("release", RELEASES)
def test_a_real_release_is_staged_line_by_line(
    settings: Settings, project: Path, release: str
) -> None:
    """Prevents a release whose columns were renamed from loading in part, or not at all."""
    path = YARDSTICKS / release
    if not path.exists():
        pytest.skip("the publisher's files are not beside the project")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    folder: Path = settings.inbox / "published_statistics" / "DFE" / "2024"
    folder.mkdir(parents=True)
    shutil.copyfile(path, folder / release)
    assert _stage(settings, project) == [(len(lines),)]
    unread = _query(
        settings,
        "select count(*) from staging.stg_published_statistics__figures"
        " where symbol_code = 'unmapped' or (figure is null) = (symbol_code is null)"
        " or geographic_level_code = 'unmapped'",
    )
    assert unread == [(0,)]
    abolished = _query(
        settings,
        "select count(*) from staging.stg_published_statistics__figures"
        " where authority_code_dfe in ('909', '928') and symbol_code = 'z'",
    )
    expected = [
        line
        for line in lines
        if line.get("old_la_code") in {"909", "928"} and line["number"] == "z"
    ]
    assert abolished == [(len(expected),)]
