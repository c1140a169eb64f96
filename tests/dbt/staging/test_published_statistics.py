"""The publisher's files, as they are released, become figures and symbols."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.feeds import land_everything
from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings, load_settings
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


INVENTED = "invented.csv"
# The files of one delivery, in the order of their names.
DELIVERED = (*sorted(name for name in RELEASES if (YARDSTICKS / name).exists()), INVENTED)
VALUES = ["12", '"1,234"', "c", "z", "x", "k", "low", ":", "6.5"]
RECEIVED = 1_700_000_000
SECOND_BEFORE, SECOND = "2023-11-14T22:13:19Z", "2023-11-14T22:13:20Z"


@pytest.fixture(scope="module")
def staged(
    tmp_path_factory: pytest.TempPathFactory, manifest: dict[str, Any]
) -> Iterator[dict[str, duckdb.DuckDBPyConnection]]:
    """The figures staged as known at two moments, of an invented file and the real releases.

    The second moment is that of their receipt, the first the second before.
    """
    project = tmp_path_factory.mktemp("staging") / "project"
    write_part(project, manifest, MODEL)
    home = tmp_path_factory.mktemp("statistics") / "home"
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    prepare_home(settings)
    place = "E92000001,England,E13000001,Inner London,202,Camden,E09000007"
    lines = [f"2024,Reporting year,Local authority,{place},Missing,{value}" for value in VALUES]
    _deliver(settings, INVENTED, "\n".join([HEADING, *lines, ""]).encode())
    for release in DELIVERED[:-1]:
        _deliver(settings, release, (YARDSTICKS / release).read_bytes())
    land_everything(settings)
    with ExitStack() as stack:
        yield {
            moment: stack.enter_context(_stage(settings, project, moment, home.parent))
            for moment in (SECOND_BEFORE, SECOND)
        }


def _deliver(settings: Settings, name: str, text: bytes) -> None:
    path = settings.inbox / "published_statistics" / "DFE" / "2024" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    os.utime(path, (RECEIVED, RECEIVED))


def _of(name: str) -> str:
    """The condition of the rows of a file, of which landing keeps its name or tells its place."""
    return f"_file in ('{name}', 'file_{DELIVERED.index(name) + 1}.csv')"


def _stage(
    settings: Settings, project: Path, as_known_at: str, folder: Path
) -> duckdb.DuckDBPyConnection:
    """Build the staging of figures, and return what it made, which later builds do not change."""
    arguments = ["run", "--vars", f"{{as_known_at: '{as_known_at}'}}"]
    outcome = run_dbt(settings, next_folder(settings, "staged"), *arguments, project=project)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    made = folder / f"{as_known_at}.duckdb"
    shutil.copy(settings.warehouse / "warehouse.duckdb", made)
    return duckdb.connect(str(made), read_only=True)


def test_a_figure_is_a_number_or_a_symbol(staged: dict[str, duckdb.DuckDBPyConnection]) -> None:
    """Prevents a suppressed count that is read as 0 and compared with the register."""
    found = staged[SECOND].execute(
        "select coalesce(cast(figure as varchar), symbol_code), collection_year,"
        " region_code_ons, authority_code_dfe"
        f" from staging.{MODEL} where {_of(INVENTED)} order by _row_number"
    )
    expected = ["12.0", "1234.0", "c", "z", "x", "k", "low", ":", "6.5"]
    assert found.fetchall() == [(value, "2023-24", "E13000001", "202") for value in expected]


def test_what_was_not_yet_known_is_not_staged(
    staged: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    """Prevents a register rebuilt for a past day that knows what arrived later."""
    query = f"select count(*) from staging.{MODEL}"
    assert staged[SECOND_BEFORE].execute(query).fetchall() == [(0,)]
    query += f" where {_of(INVENTED)}"
    assert staged[SECOND].execute(query).fetchall() == [(len(VALUES),)]


@pytest.mark.parametrize("release", RELEASES)
def test_a_real_release_is_staged_line_by_line(
    staged: dict[str, duckdb.DuckDBPyConnection], release: str
) -> None:
    """Prevents a release whose columns were renamed from loading in part, or not at all."""
    path = YARDSTICKS / release
    if not path.exists():
        pytest.skip("the publisher's files are not beside the project")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    query = f"select count(*) from staging.{MODEL} where {_of(release)}"
    connection = staged[SECOND]
    assert connection.execute(query).fetchall() == [(len(lines),)]
    unread = connection.execute(
        f"{query} and (symbol_code = 'unmapped' or (figure is null) = (symbol_code is null)"
        " or geographic_level_code = 'unmapped')"
    )
    assert unread.fetchall() == [(0,)]
    abolished = connection.execute(
        f"{query} and authority_code_dfe in ('909', '928') and symbol_code = 'z'"
    )
    expected = [
        line
        for line in lines
        if line.get("old_la_code") in {"909", "928"} and line["number"] == "z"
    ]
    assert abolished.fetchall() == [(len(expected),)]
