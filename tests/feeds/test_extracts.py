"""Extracts of three case systems, and the published statistics."""

from __future__ import annotations

import pytest

from tests.feeds.deliveries import AUTHORITY, QUARTER, Home, extract_files


@pytest.mark.parametrize(
    ("case_system", "written", "landed"),
    [
        ("Liquidlogic", "2026-03-04T21:30:00", "2026-03-04T21:30:00"),
        ("MOSAIC", "04/03/2026 21:30", "2026-03-04T21:30:00"),
        ("Mosaic", "04/03/2026", "2026-03-04"),
        ("eclipse", "04/03/2026", "2026-03-04"),
        ("Mosaic", "2026-03-04 21:30:00.000", "2026-03-04T21:30:00"),
        ("Eclipse", "2026-07-04T20:30:00Z", "2026-07-04T21:30:00"),
        ("Liquidlogic", "2026-07-04T21:30:00.123+01:00", "2026-07-04T21:30:00"),
        ("Liquidlogic", "2026-03-04 00:00:00.000", "2026-03-04T00:00:00"),
    ],
)
def test_the_case_system_says_how_moments_are_written(
    home: Home, case_system: str, written: str, landed: str
) -> None:
    """Prevents the fourth of March from becoming the third of April."""
    absence = {"miss_table_id": "A1", "miss_person_id": "P1", "miss_missing_episode_type": "M"}
    absence["miss_missing_episode_start_date"] = written
    files = extract_files(case_system, ssd_missing=[absence])
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    (row,) = home.rows(delivery, "ssd_missing")
    assert row["miss_missing_episode_start_date"] == landed
    assert (delivery.case_system or "").casefold() == case_system.casefold()
    assert delivery.flag_count == 0


def test_a_moment_of_another_case_system_is_flagged(home: Home) -> None:
    """Prevents a changed system from being read by the old one's rules."""
    absence = {"miss_table_id": "A1", "miss_person_id": "P1"}
    absence["miss_missing_episode_start_date"] = "04-Mar-2026 21:30"
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files(ssd_missing=[absence]))
    column = "miss_missing_episode_start_date"
    assert home.rules(home.land_one()) == [("impossible_date", "ssd_missing.csv", "2", column)]


def test_an_interview_of_several_absences_keeps_them_all(home: Home) -> None:
    """Prevents an interview from counting for the first of its absences only."""
    interviews = [{"interview_id": "I1", "miss_table_id": "A1 | A2", "accepted": "Y"}]
    files = extract_files(return_interviews=interviews)
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    assert home.rows(delivery, "return_interviews")[0]["miss_table_id"] == "A1|A2"


def test_the_contracts_columns_all_land_as_text(home: Home) -> None:
    """Prevents a table whose columns depend on what a supplier happened to send."""
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    delivery = home.land_one()
    (row,) = home.rows(delivery, "ssd_person")
    assert list(row)[-3:] == ["_delivery_id", "_file", "_row_number"]
    assert (row["pers_person_id"], row["pers_dob"]) == ("P1", None)
    assert row["_delivery_id"] == delivery.delivery_id


HEAD = "time_period,time_identifier,geographic_level,country_code,country_name"
PLACE = ",region_code,region_name,old_la_code,la_name,new_la_code"


@pytest.mark.parametrize(
    ("heading", "record", "measure"),
    [
        (f"{HEAD}{PLACE},CLA_group,number", "Missing incidents", "Missing incidents"),
        (f"{HEAD}{PLACE},cla_category,Count", "Missing incidents", "Missing incidents"),
        (f"{HEAD}{PLACE},status,kind,number", "Age,10 to 15", "Age | 10 to 15"),
    ],
)
def test_statistics_land_whatever_their_category_column_is_called(
    home: Home, heading: str, record: str, measure: str
) -> None:
    """Prevents a new release from being refused for a renamed column."""
    place = "2024,Reporting year,Local authority,E92000001,England"
    lines = [heading, f"{place},E12,North,373,Sheffield,E08000039,{record},c"]
    files = {"figures.csv": ("\ufeff" + "\n".join(lines) + "\n").encode()}
    home.put_files("published_statistics", "DFE", "2024", files)
    delivery = home.land_one()
    (row,) = home.rows(delivery, "figures")
    assert (row["measure"], row["value"]) == (measure, "c")
    assert (row["old_la_code"], row["time_period"]) == ("373", "2024")
    assert (delivery.outcome, delivery.flag_count, delivery.unknown_columns) == ("accepted", 0, ())
