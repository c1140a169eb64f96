"""The department's file, landed as it lies, is reconciled: symbols, rounding, areas, renames."""

from __future__ import annotations

from tests.reconciliation.conftest import (
    YEAR,
    Reconciled,
    authority_without_away,
    release_lines,
)


def test_every_published_figure_has_its_row_and_its_value(reconciled: Reconciled) -> None:
    """Prevents a figure of the release from being lost, or read as something else."""
    held = {
        (row["area_level_code"], row["area_code"], row["collection_year"], row["row_number"]): row
        for row in reconciled.values()
        if row["release_period"] == "2024"
    }
    lines = release_lines()
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
    code = authority_without_away(release_lines())
    away = reconciled["authority", code, YEAR, "away_incidents"]
    assert (away["register_figure"], away["published_figure"]) == (0.0, 0.0)
    assert (away["is_equal_within_rounding"], away["reason_code"]) == (True, None)
    missing = reconciled["authority", code, YEAR, "missing_incidents"]
    assert (missing["register_figure"], missing["return_figure"]) == (2.0, 2.0)
    assert missing["difference"] == 2.0 - missing["published_figure"]
    # Marts are published to nine digits.
    relative = missing["difference"] / missing["published_figure"]
    assert missing["relative_difference"] == round(relative, 9)
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
