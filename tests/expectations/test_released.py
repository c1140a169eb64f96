"""The public files of the latest release are read as relations, figure by figure."""

from __future__ import annotations

import csv
from pathlib import Path

from expectations import measure
from expectations.released import read_released_tables
from expectations.results import NOT_APPLICABLE, PASSED
from official_statistics import read_data_sets
from official_statistics.releases import releases_folder
from register.settings import Settings
from tests.expectations.conftest import GENERATION_ID, put_generation

PLACE = {"time_period": "2026", "time_identifier": "Reporting year"}
NO_RELEASE = ("drop table released_figures", "drop table released_screener_rules")
ENGLAND = {"country_code": "E92000001", "country_name": "England"}


def put_release(settings: Settings) -> Path:
    """Publish, by its link alone, a release of England in which every figure is 100 or `z`."""
    folder = releases_folder(settings)
    data = folder / "2026" / "v1" / "public" / "data"
    data.mkdir(parents=True)
    for data_set in read_data_sets():
        items = [dict(one.values) for one in data_set.combinations()]
        figures = {one.name: "100" if one.is_count else "z" for one in data_set.indicators}
        rows = [
            PLACE | {"geographic_level": "National"} | ENGLAND | values | figures
            for values in items
        ]
        with (data / f"{data_set.name}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        (data / f"{data_set.name}.meta.csv").write_text("col_name\n", encoding="utf-8")
    (folder / "latest").symlink_to("2026/v1")
    return data


def test_every_figure_of_the_files_is_a_row(settings: Settings) -> None:
    """Prevents a file, or a figure of one, that no expectation sees."""
    data = put_release(settings)
    tables = read_released_tables(settings)
    assert tables is not None
    figures = tables["released_figures"].to_pylist()
    expected = sum(
        len(one.indicators) * (len((data / f"{one.name}.csv").read_text().splitlines()) - 1)
        for one in read_data_sets()
    )
    assert len(figures) == expected
    assert {row["file"] for row in figures} == {one.name for one in read_data_sets()}
    kinds = {row["file"]: row["kind"] for row in figures if row["indicator"].endswith("_count")}
    assert kinds["agreement_by_area"] == "count"
    assert kinds["source_coverage"] == "other_count"
    (first,) = [
        row
        for row in figures
        if row["file"] == "agreement_by_area"
        and row["indicator"] == "episode_count"
        and row["filter_values"]
        == "care_status=Total;agreement_scope=All episodes;source_status=Both sources"
    ]
    assert (first["figure"], first["area_code"], first["rounding_unit"]) == ("100", "E92000001", 10)


def test_a_release_of_an_older_version_has_fewer_figures(settings: Settings) -> None:
    """Prevents an upgrade whose loads fail until the next release."""
    data = put_release(settings)
    file = data / "agreement_coefficients.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8", newline="") as stream:
        names = [name for name in rows[0] if name != "category_kappa_minimum"]
        writer = csv.DictWriter(stream, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    tables = read_released_tables(settings)
    assert tables is not None
    indicators = set(tables["released_figures"]["indicator"].to_pylist())
    assert "category_kappa_minimum" not in indicators
    assert "category_kappa_maximum" in indicators


def test_the_screener_says_what_fails(settings: Settings) -> None:
    """Prevents a meta file without its columns that counts as screened."""
    put_release(settings)
    tables = read_released_tables(settings)
    assert tables is not None
    rules = tables["released_screener_rules"].to_pylist()
    assert {row["rule_number"] for row in rules} == set(range(1, 15))
    assert any(row["failure_count"] for row in rules)


def test_before_the_first_release_there_is_nothing_to_judge(
    settings: Settings, sound_file: Path
) -> None:
    """Prevents a home without statistics whose quality is called unmeasured or bad."""
    assert read_released_tables(settings) is None
    put_generation(settings, sound_file, GENERATION_ID, *NO_RELEASE)
    results = [one for one in measure(settings).overall_results if one.suite == "publication"]
    assert {one.status for one in results} == {NOT_APPLICABLE}
    assert all("no release" in one.statement for one in results)


def test_a_release_is_measured_beside_the_marts(settings: Settings, sound_file: Path) -> None:
    """Prevents a release that is out and never measured."""
    put_generation(settings, sound_file, GENERATION_ID, *NO_RELEASE)
    put_release(settings)
    result = {
        one.expectation: one.status
        for one in measure(settings).overall_results
        if one.suite == "publication"
    }
    assert result["publication_figures_readable"] == PASSED
    assert result["publication_counts_rounded"] == PASSED
    assert result["publication_files_agree"] == PASSED
    assert result["publication_sources_add_up"] != PASSED
    assert result["publication_screener_passed"] != PASSED
