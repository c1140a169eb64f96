"""The department's own file, landed as it lies, is reconciled: symbols, rounding, areas, renames.

The file is read where it lies, beside the project; without it these tests are skipped, and say so.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from typing import Any

import duckdb
import pytest

from register.feeds.postcodes import land_postcodes
from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings, load_settings
from tests.feeds.deliveries import Home, table_csv

RELEASE = PROJECT_ROOT.parent / "shared" / "yardsticks" / "dfe_la_missing_or_away_2020_2024.csv"
ABSENT = f"the department's release is not beside the project: {RELEASE.name} was not found"
MART = "agg_reconciliation_by_area_year"
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


def _lines() -> list[dict[str, str]]:
    with RELEASE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


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


def _authority_without_away(lines: list[dict[str, str]]) -> str:
    """An authority with no away incident in 2024, by the release."""
    return next(
        line["old_la_code"]
        for line in lines
        if line["time_period"] == "2024"
        and line["geographic_level"] == "Local authority"
        and line["CLA_group"].startswith("Number of away")
        and line["number"] == "0"
    )


def _dbt(settings: Settings, *arguments: str) -> None:
    generation = settings.published / ".next"
    generation.mkdir(parents=True, exist_ok=True)
    scratch = settings.warehouse / "dbt"
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "--warn-error", *arguments]
    command += ["--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs")]
    outcome = subprocess.run(
        command,
        cwd=settings.dbt_project,
        env={**os.environ, **settings.dbt_environment(generation)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str, str], Row]:
    """Every row of the mart by level, area, year and measure, from the release as it lies."""
    if not RELEASE.exists():
        pytest.skip(ABSENT)
    place = str(tmp_path_factory.mktemp("reconciliation") / "home")
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": place})
    prepare_home(settings)
    lines, home = _lines(), Home(settings)
    home.put("published_statistics", "DFE", "2023", {"figures.csv": _earlier_release(lines)})
    home.put("published_statistics", "DFE", "2024", {RELEASE.name: RELEASE.read_bytes()})
    modules = {f"{n}.csv": table_csv("authority_return", n, rows) for n, rows in RETURN.items()}
    home.put("authority_return", _authority_without_away(lines), YEAR, modules)
    assert {entry.outcome for entry in home.load().landed} == {"accepted"}
    land_postcodes(settings)
    _dbt(settings, "build", "-s", f"+{MART}", "+dim_deliveries", "ref__reconciliation_reasons",
         "--exclude-resource-type", "test", "unit_test")  # fmt: skip
    _dbt(settings, "test", "-s", MART, "--exclude-resource-type", "unit_test")
    marts = settings.published / ".next" / "national_register.duckdb"
    with duckdb.connect(str(marts), read_only=True) as connection:
        found = connection.sql(f"from agreement.{MART}").to_arrow_table().to_pylist()
    keys = ("area_level_code", "area_code", "collection_year", "measure_code")
    return {tuple(row[key] for key in keys): row for row in found}


Reconciled = dict[tuple[str, str, str, str], Row]


def test_every_published_figure_has_its_row_and_its_value(reconciled: Reconciled) -> None:
    """Prevents a figure of the release from being lost, or read as something else."""
    held = {
        (row["area_level_code"], row["area_code"], row["collection_year"], row["row_number"]): row
        for row in reconciled.values()
        if row["release_period"] == "2024"
    }
    lines = _lines()
    assert len(held) == len(lines)
    for number, line in enumerate(lines, 2):
        level = {"National": "nation", "Local authority": "authority"}.get(
            line["geographic_level"], "region"
        )
        if line["region_code"].startswith("E13") and level == "region":
            level = "sub_region"
        code = {"nation": "country_code", "authority": "old_la_code"}.get(level, "region_code")
        year = int(line["time_period"])
        row = held[level, line[code], f"{year - 1}-{year % 100:02d}", number]
        shown = row["published_symbol_code"] or row["published_figure"]
        expected = line["number"] if line["number"].isalpha() else float(line["number"])
        assert shown == expected


def test_symbols_keep_their_meaning(reconciled: Reconciled) -> None:
    """Prevents a suppressed figure, or an abolished authority, from counting as a difference."""
    for year, abolished in ((YEAR, "909"), (YEAR, "928"), ("2021-22", "928"), ("2022-23", "942")):
        row = reconciled["authority", abolished, year, "missing_incidents"]
        assert (row["published_symbol_code"], row["reason_code"]) == ("z", "authority_not_in_being")
        assert row["register_figure"] is None
    scilly = reconciled["authority", "420", YEAR, "missing_incidents"]
    assert (scilly["published_symbol_code"], scilly["reason_code"]) == ("z", "not_applicable")
    suppressed = [row for row in reconciled.values() if row["published_symbol_code"] == "c"]
    assert {row["reason_code"] for row in suppressed} == {"suppressed"}
    assert all(row["difference"] is None for row in suppressed)
    cumbria = reconciled["authority", "909", "2022-23", "missing_incidents"]
    assert cumbria["published_figure"] is not None
    assert cumbria["reason_code"] == "nothing_delivered"


def test_a_count_that_was_delivered_is_held_against_the_published_one(
    reconciled: Reconciled,
) -> None:
    """Prevents 'nothing delivered' from standing for nought, and nought for a difference."""
    code = _authority_without_away(_lines())
    away = reconciled["authority", code, YEAR, "away_incidents"]
    assert (away["register_figure"], away["published_figure"]) == (0.0, 0.0)
    assert (away["is_equal_within_rounding"], away["reason_code"]) == (True, None)
    missing = reconciled["authority", code, YEAR, "missing_incidents"]
    assert (missing["register_figure"], missing["return_figure"]) == (2.0, 2.0)
    assert missing["difference"] == 2.0 - missing["published_figure"]
    assert missing["relative_difference"] == missing["difference"] / missing["published_figure"]
    assert missing["reason_code"] == "unexplained"
    mean = reconciled["authority", code, YEAR, "missing_incidents_per_child"]
    assert (mean["register_figure"], mean["reason_code"]) == (2.0, "follows_its_parts")
    before = reconciled["authority", code, "2022-23", "missing_incidents"]
    assert (before["register_figure"], before["reason_code"]) == (None, "nothing_delivered")


def test_areas_are_sums_of_what_was_delivered_and_say_what_was_not(
    reconciled: Reconciled,
) -> None:
    """Prevents a tenth of the country from being compared with all of it, unsaid."""
    nation = reconciled["nation", "E92000001", YEAR, "missing_incidents"]
    assert (nation["published_figure"], nation["register_figure"]) == (83920.0, 2.0)
    assert nation["reason_code"] == "authorities_not_delivered"
    assert (nation["authority_count"], nation["full_year_count"]) == (153, 1)
    assert nation["rounding_unit"] == 10.0
    london = reconciled["region", "E12000007", YEAR, "missing_incidents"]
    inner = reconciled["sub_region", "E13000001", YEAR, "missing_incidents"]
    outer = reconciled["sub_region", "E13000002", YEAR, "missing_incidents"]
    assert london["authority_count"] == inner["authority_count"] + outer["authority_count"] == 33
    assert abs(
        london["published_figure"] - inner["published_figure"] - outer["published_figure"]
    ) <= 20  # fmt: skip
    regions = [
        row["authority_count"]
        for (level, _, year, measure), row in reconciled.items()
        if (level, year, measure) == ("region", YEAR, "missing_incidents")
    ]
    assert (len(regions), sum(regions)) == (9, 153)


def test_a_renamed_column_and_a_changed_ons_code_change_nothing(reconciled: Reconciled) -> None:
    """Prevents an authority from being two because its ONS code changed between releases."""
    years = {year for _, area, year, _ in reconciled if area == "370"}
    assert years == {f"{year}-{year - 1999}" for year in range(2016, 2024)}
    older = reconciled["authority", "370", "2017-18", "missing_incidents"]
    assert (older["published_figure"], older["release_period"]) == (1.0, "2023")
    newer = reconciled["authority", "370", "2019-20", "missing_incidents"]
    assert newer["release_period"] == "2024"
    assert newer["published_figure"] > 1.0
