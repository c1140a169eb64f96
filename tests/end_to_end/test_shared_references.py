"""References that stand for several children, from the files to what is published and told."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from register.feeds import decide_delivery, read_ledger
from register.settings import Settings
from tests.conftest import put_postcodes
from tests.dbt.runs import dbt_target
from tests.end_to_end.registers import build, land, rows
from tests.feeds.deliveries import (
    AUTHORITY,
    QUARTER,
    YEAR,
    Home,
    extract_files,
    person,
    report,
    table_csv,
)

pytestmark = pytest.mark.slow

CHECKED = "assert_every_landed_record_is_a_report_or_a_version"
BUILT = (
    *("+fct_rule_breaches", "+fct_reports", "+int_return_interviews", "+int_dropped_records"),
    CHECKED,
)
SHORT = "2.60001E+11"
OTHER = {"forenames": "Bartholomew", "surname": "Sampleman", "dob": "2015-11-30"}
REPORTS = """
    select feed, version_count, count(*), count(distinct child_id_register)
    from register.fct_reports group by all
"""
BREACHES = "select rule_code, feed, count(*) from register.fct_rule_breaches group by all"


def _reports(period: str, *records: dict[str, str]) -> list[dict[str, str]]:
    """Reports of a period without person's numbers but those that are given."""
    return [
        {
            **report(1, person_ref=""),
            "last_seen_at": f"{period}-05T20:15",
            "reported_at": f"{period}-05T23:15",
            **record,
        }
        for record in records
    ]


def _many(count: int) -> list[dict[str, str]]:
    return [
        {
            "report_ref": SHORT,
            "forenames": "Wicker" + "abcdefghijklmnopqrstuvwxyz"[n % 26] * (3 + n // 26 * 4),
            "dob": f"{2007 + n % 9}-1{n % 3}-1{n % 10}",
            "reported_at": f"2026-08-{1 + n % 28:02d}T1{n % 10}:00",
            "last_seen_at": "",
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> Settings:
    """A home of one force and one authority whose references are given more than once."""
    from register.home import prepare_home
    from register.settings import load_settings

    home = str(tmp_path_factory.mktemp("shared") / "home")
    found = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    prepare_home(found)
    put_postcodes(postcodes, found)
    _deliver(Home(found))
    land(found)
    for delivery in read_ledger(found):
        if delivery.is_held:
            decide_delivery(found, delivery.delivery_id, "confirm", "A. Person", "as it is")
    return found


def _deliver(home: Home) -> None:
    months = {
        # Used again seven years later; and again in the same month by a sibling.
        "2019-10": _reports("2019-10", {"report_ref": "MP1"}, {"report_ref": "MP2"}),
        "2026-07": _reports("2026-07", {"report_ref": "MP1", **OTHER}, {"report_ref": "MP2"}),
        "2026-08": _reports("2026-08", *_many(40)),
        "2026-09": _reports(
            "2026-09",
            {"report_ref": "MP3"},
            {"report_ref": "MP3", "forenames": "Clementine", "dob": "2014-05-06"},
            {
                "report_ref": "MP4",
                "forenames": "Rosalind",
                "surname": "Quartz",
                "dob": "2010-03-07",
            },
        ),
        "2026-10": [
            {
                **report(1, person_ref="", report_ref="MP4"),
                **{"forenames": "Quarz", "surname": "Rosalind", "dob": "2010-07-03"},
                **{"last_seen_at": "2026-09-06T19:00", "reported_at": "2026-09-06T22:00"},
                "returned_at": "2026-09-07T07:00",
            }
        ],
    }
    for period, reports in months.items():
        home.put_reports(
            [{"sex": "F", "category": "Missing", **row} for row in reports], period=period
        )
    absences = [
        {"miss_table_id": "M1", "miss_person_id": "P1", **_absence("01/08/2026")},
        {"miss_table_id": "M1", "miss_person_id": "P2", **_absence("01/08/2026")},
        {"miss_table_id": "M2", "miss_person_id": "P1", **_absence("09/08/2026")},
        {"miss_table_id": "M2", "miss_person_id": "P1", **_absence("09/08/2026")},
        {"miss_table_id": "M3", "miss_person_id": "P1", **_absence("19/08/2019")},
        {"miss_table_id": "M3", "miss_person_id": "P1", **_absence("19/08/2026")},
    ]
    interviews = [
        {"interview_id": "I1", "miss_table_id": "M2", "offered_at": "10/08/2026 10:00"},
        {"interview_id": "I1", "miss_table_id": "M3", "offered_at": "20/08/2026 10:00"},
    ]
    people = [person(1), person(2, pers_forename="Bartholomew", pers_dob="30/11/2015")]
    files = extract_files(ssd_person=people, ssd_missing=absences, return_interviews=interviews)
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    # What the next extract leaves out, and what it has under the same key.
    before = [
        {"miss_table_id": "M0", "miss_person_id": "P1", **_absence("15/06/2026")},
        {"miss_table_id": "M3", "miss_person_id": "P1", **_absence("19/06/2026")},
    ]
    files = extract_files(ssd_person=people, ssd_missing=before)
    home.put_files("authority_extract", AUTHORITY, "2026-Q2", files)
    returned = {
        "header": [
            {"child": "P1", "sex": "2", "dob": "02/01/2008", "ethnic": "WBRI", "upn": "UN1"}
        ],
        "episodes": [{"child": "P1", "decom": "01/04/2025"}],
        "missing": [
            {"child": "P1", "dob": "02/01/2008", "missing": "M", "mis_start": start, "mis_end": end}
            for start, end in (
                ("", "02/05/2025"),
                ("", "09/06/2025"),
                ("01/09/2025", "02/09/2025"),
                ("01/09/2025", "02/09/2025"),
            )
        ],
    }
    files = {f"{name}.csv": table_csv("authority_return", name, r) for name, r in returned.items()}
    home.put_files("authority_return", AUTHORITY, YEAR, files)


def _absence(start: str) -> dict[str, str]:
    return {
        "miss_missing_episode_start_date": f"{start} 18:00",
        "miss_missing_episode_type": "M",
        "miss_missing_episode_end_date": f"{start} 23:00",
    }


@pytest.fixture(scope="module")
def published(settings: Settings) -> Path:
    """The generation that was built of it, the record of every row checked."""
    return build(settings, "first", only=BUILT)


def test_each_child_and_absence_is_a_report(published: Path) -> None:
    """Prevents a child from being nowhere because another has the same reference."""
    found = {(feed, versions): count for feed, versions, count, _ in rows(published, REPORTS)}
    assert found == {
        # 2 of 2019, 2 of July, 40 of August, 2 siblings; and one that was corrected.
        ("police_reports", 1): 46,
        ("police_reports", 2): 1,
        ("authority_extract", 1): 4,
        ("authority_extract", 2): 1,
        ("authority_return", 1): 2,
        ("authority_return", 2): 1,
    }


def test_children_under_one_reference_are_not_linked_by_it(published: Path) -> None:
    """Prevents siblings of one occurrence from becoming one child by its reference."""
    query = """
        select count(distinct child_id_register) from register.fct_reports
        where file_name = 'reports.csv' and delivery_id like '%-2026-0{month}-%'
    """
    for month, children in ((9, 2), (8, 40)):
        ((count,),) = rows(published, query.format(month=month))
        assert count == children


def test_the_supplier_is_told_of_each_shared_reference(published: Path) -> None:
    """Prevents references that were given twice from staying so because nobody said it."""
    found = {(rule, feed): count for rule, feed, count in rows(published, BREACHES)}
    assert found["reused_reference", "police_reports"] == 4 + 40 + 2
    assert found["scientific_number", "police_reports"] == 40
    assert found["reused_reference", "authority_extract"] == 4 + 2
    assert found["repeated_record", "authority_extract"] == 2
    assert found["repeated_record", "authority_return"] == 2


def test_the_count_of_records_notices_a_child_that_is_nowhere(
    settings: Settings, published: Path, tmp_path: Path
) -> None:
    """Prevents the sum of records from holding where the last writer wins again."""
    compiled = dbt_target(settings) / "compiled" / "national_register" / "tests" / "register"
    query = (compiled / f"{CHECKED}.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        for name, path in (
            ("warehouse", settings.warehouse / "warehouse.duckdb"),
            ("national_register", published / "national_register.duckdb"),
        ):
            connection.execute(f"attach '{path}' as kept (read_only)")
            connection.execute(f"attach '{tmp_path / name}' as {name}")
            connection.execute(f"copy from database kept to {name}")
            connection.execute("detach kept")
        connection.execute("use warehouse")
        assert connection.execute(query).fetchall() == []
        numbers = "warehouse.intermediate.int_report_numbers"
        connection.execute(
            "delete from national_register.register.fct_reports as facts"
            f" using {numbers} as numbers"
            " where facts.delivery_id = numbers._delivery_id and facts.file_name = numbers._file"
            " and facts.row_number = numbers._row_number and numbers.record_number > 1"
        )
        lost = {feed for feed, *_ in connection.execute(query).fetchall()}
        assert lost == {"police_reports", "authority_extract", "authority_return"}
        # As if references were taken at their word: the others would pass as versions.
        connection.execute(f"truncate {numbers}")
        lost = {feed for feed, *_ in connection.execute(query).fetchall()}
        assert {"police_reports", "authority_extract"} <= lost


def test_what_a_later_extract_leaves_out_is_known(settings: Settings, published: Path) -> None:
    """Prevents an absence that an authority took out from being one that nobody can explain."""
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb"), read_only=True) as found:
        assert published.exists()
        dropped = found.execute(
            "select source, supplier_code, cast(start_date as varchar), period"
            " from intermediate.int_dropped_records"
        ).fetchall()
    assert dropped == [("authority", AUTHORITY, "2026-06-15", "2026-Q2")]


def test_a_second_build_gives_the_same_reports(settings: Settings, published: Path) -> None:
    """Prevents keys that depend on what the last load left."""
    query = "select report_id_register, delivery_id, row_number from register.fct_reports"
    again = build(settings, "second", only=BUILT)
    assert rows(again, query) == rows(published, query)
