"""One home with the department's own files and one return, reconciled once for all tests.

The files are read where they lie, beside the project; without them the tests are skipped, and say
so.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings, load_settings
from tests.conftest import put_postcodes
from tests.dbt.runs import next_folder, run_dbt
from tests.feeds.deliveries import Home, table_csv

YARDSTICKS = PROJECT_ROOT.parent / "shared" / "yardsticks"
RELEASE = YARDSTICKS / "dfe_la_missing_or_away_2020_2024.csv"
NATIONAL = {
    category: YARDSTICKS / f"dfe_national_{category}_2020_2024.csv"
    for category in ("missing", "away")
}
GENERATION = "reconciled"
BY_AREA = "agg_reconciliation_by_area_year"
BY_CHARACTERISTIC = "agg_reconciliation_by_characteristic_year"
BARNSLEY_OLD, BARNSLEY_NEW = "E08000016", "E08000038"
# Deliveries that speak of 2023-24: one authority returns it, one was abolished before.
YEAR = "2023-24"
CHILD = {"child": "C1", "sex": "2", "dob": "03/04/2010"}
RETURN = {
    "header": [{**CHILD, "ethnic": "WBRI"}],
    "episodes": [
        {"child": "C1", "decom": "01/05/2023", "rne": "S", "ls": "C2", "cin": "N1", "place": "U1"}
    ],
    "missing": [
        {"child": "C1", "dob": "03/04/2010", "missing": "M", "mis_start": "05/06/2023",
         "mis_end": "07/06/2023"},
        {"child": "C1", "dob": "03/04/2010", "missing": "M", "mis_start": "05/07/2023",
         "mis_end": "07/07/2023"},
    ],
}  # fmt: skip

Row = dict[str, Any]
Reconciled = dict[tuple[str, ...], Row]


def release_lines() -> list[dict[str, str]]:
    """The release by authority as it lies."""
    with RELEASE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def authority_without_away(lines: list[dict[str, str]]) -> str:
    """An authority with no away incident in 2024, by the release."""
    return next(
        line["old_la_code"]
        for line in lines
        if line["time_period"] == "2024"
        and line["geographic_level"] == "Local authority"
        and line["CLA_group"].startswith("Number of away")
        and line["number"] == "0"
    )


def _earlier_release(lines: list[dict[str, str]]) -> bytes:
    """The years to 2022 as an earlier release had them: another column name, a newer ONS code.

    Its figures are all 1: only a year that the later release lacks may come from it.
    """
    text = io.StringIO()
    names = [name if name != "CLA_group" else "cla_group" for name in lines[0]]
    writer = csv.writer(text)
    writer.writerow(names)
    for line in lines:
        if int(line["time_period"]) <= 2022:
            changed = {**line, "number": "1", "time_period": str(int(line["time_period"]) - 3)}
            changed["new_la_code"] = line["new_la_code"].replace(BARNSLEY_OLD, BARNSLEY_NEW)
            writer.writerow(changed.values())
    return text.getvalue().encode()


def _dbt(settings: Settings, *arguments: str) -> None:
    outcome = run_dbt(settings, next_folder(settings, GENERATION), *arguments)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]


@pytest.fixture(scope="package")
def register(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> Settings:
    """The home, with both marts built from the files as they lie."""
    absent = [path.name for path in (RELEASE, *NATIONAL.values()) if not path.exists()]
    if absent:
        pytest.skip(f"the department's files are not beside the project: {', '.join(absent)}")
    place = str(tmp_path_factory.mktemp("reconciliation") / "home")
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": place})
    prepare_home(settings)
    lines, home = release_lines(), Home(settings)
    home.put_files("published_statistics", "DFE", "2023", {"figures.csv": _earlier_release(lines)})
    files = {path.name: path.read_bytes() for path in (RELEASE, *NATIONAL.values())}
    home.put_files("published_statistics", "DFE", "2024", files)
    modules = {f"{n}.csv": table_csv("authority_return", n, rows) for n, rows in RETURN.items()}
    home.put_files("authority_return", authority_without_away(lines), YEAR, modules)
    assert {entry.outcome for entry in home.load().landed} == {"accepted"}
    put_postcodes(postcodes, settings)
    # The rules of both marts in the same run: a second one would parse the project again.
    _dbt(settings, "build", "-s", f"+{BY_AREA}", f"+{BY_CHARACTERISTIC}", "+dim_deliveries",
         "ref__reconciliation_reasons", f"rules_of_{BY_AREA}", f"rules_of_{BY_CHARACTERISTIC}",
         "--indirect-selection", "empty", "--exclude-resource-type", "unit_test")  # fmt: skip
    return settings


def _rows(settings: Settings, mart: str, keys: tuple[str, ...]) -> Reconciled:
    marts = next_folder(settings, GENERATION) / "national_register.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        found = connection.sql(f"from agreement.{mart}").to_arrow_table().to_pylist()
    return {tuple(row[key] for key in keys): row for row in found}


@pytest.fixture(scope="package")
def reconciled(register: Settings) -> Reconciled:
    """Every row of the mart by level, area, year and measure."""
    keys = ("area_level_code", "area_code", "collection_year", "measure_code")
    return _rows(register, BY_AREA, keys)


@pytest.fixture(scope="package")
def by_characteristic(register: Settings) -> Reconciled:
    """Every row of the national mart by year, measure, characteristic and value."""
    keys = ("collection_year", "measure_code", "characteristic_code", "value_code")
    return _rows(register, BY_CHARACTERISTIC, keys)
