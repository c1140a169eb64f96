"""A child planted wherever a delivery can have a text is found nowhere outside the identity zone.

The identity zone is the inbox, landing's data and raw copies, the warehouse and the case lists.
A drill: a whole register is loaded by the command, since only that writes every log and page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from official_statistics.checks.document_checks import read_released_texts
from official_statistics.production import DraftOrder, check_release, draft_release
from official_statistics.releases import Person, announce, read_practice
from orchestration.releases import release_tools
from register.feeds import read_ledger
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.conftest import put_postcodes
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    QUARTER,
    YEAR,
    Home,
    as_csv,
    extract_files,
    force_of,
    police_csv,
    police_rows,
    report,
    zipped,
)
from tests.feeds.deliveries import load_layouts as layouts
from tests.feeds.test_returns import csv_files
from tests.register_commands import run_register

pytestmark = pytest.mark.drill

FORENAME, SURNAME, REFERENCE = "Zephyrinda", "Quillonberry", "CANARY77421"
CHILD = f"{FORENAME} {SURNAME} 17082013 QX9 9QX {REFERENCE}"
PLANTED = re.compile(
    rf"{FORENAME}|{SURNAME}|{REFERENCE}|QX9 ?9QX|17082013|17/08/2013|2013-08-17", re.IGNORECASE
)
WORDS = (FORENAME, SURNAME, REFERENCE, "QX9 9QX", "QX99QX", "17082013", "2013-08-17")
# What a person may read who knows the children anyway, or sent the file.
IDENTITY_ZONE = ("inbox", "warehouse", "operations")
LANDED = re.compile(r"landing/.*(/raw/|\.parquet$|/file_names\.json$)|landing/\.cache/")
CALENDAR = ("dim_dates",)
REPORTS = [
    report(
        n,
        report_ref=f"{REFERENCE}-{n}",
        forenames=FORENAME,
        surname=SURNAME,
        dob="2013-08-17",
        home_postcode="QX9 9QX",
        person_ref=f"{REFERENCE}-P",
    )
    for n in (1, 2, 3)
]


# The other force's: reports of other days, or they would be held as another's.
OTHERS = [
    {**item, "report_ref": f"{item['report_ref']}-W", "last_seen_at": "2026-10-11T20:15",
     "reported_at": "2026-10-12T01:30", "person_ref": f"{REFERENCE}-W"}
    for item in REPORTS
]  # fmt: skip


def _workbook() -> bytes:
    layout = layouts()["athena"]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = str(layout.file.sheet_name)
    for row in police_rows(layout, OTHERS):
        book.active.append(row)
    book.create_sheet(CHILD[:30]).append([CHILD])
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def fill_inbox(home: Home) -> None:
    """Plant the child in names of files, folders, members and sheets, and in headings."""
    layout = layouts()["compact"]
    rows = [[*row, CHILD] for row in police_rows(layout, REPORTS)]
    when = {"received": datetime(2026, 11, 2, 9, 0, tzinfo=UTC)}
    home.put_files(
        "police_reports", COMPACT, "2026-10", {f"{CHILD}.csv": as_csv(rows, layout)}, **when
    )
    # The heading and the first record are one line: what follows the last heading is a column.
    joined = police_csv("compact", REPORTS).replace(b"\r\n", b",", 1)
    home.put_files("police_reports", COMPACT, "2026-09", {"reports.csv": joined}, **when)
    force = force_of("athena")
    home.put_files("police_reports", force, "2026-10", {f"{CHILD}.xlsx": _workbook()}, **when)
    members = {**extract_files(), f"{CHILD}/notes of {SURNAME}.txt": b"read me"}
    archive = {f"{CHILD}.zip": zipped(members)}
    home.put_files("authority_extract", AUTHORITY, QUARTER, archive, **when)
    files = csv_files() | {f"{SURNAME} header and episodes.csv": csv_files()["header.csv"]}
    home.put_files("authority_return", AUTHORITY, YEAR, files, **when)
    for place in ((SURNAME, COMPACT, "2026-10"), ("police_reports", SURNAME, "2026-10")):
        home.put_files(*place, {f"{CHILD}.csv": b"a"}, **when)
    home.put_files("police_reports", COMPACT, CHILD, {f"{CHILD}.7z": b"7z\xbc\xaf\x27\x1c"}, **when)
    (home.settings.inbox / f"{CHILD}.csv").write_bytes(b"a")
    (home.settings.inbox / SURNAME / "link").symlink_to(home.settings.home)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, postcodes: Path) -> tuple[Settings, str]:
    """A home loaded by the command, and what the commands about deliveries printed."""
    root = tmp_path_factory.mktemp("canaries") / "home"
    environment = {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(root)}
    settings = load_settings(environment)
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    fill_inbox(Home(settings))
    said = [run_register(environment, "load")]
    said += [
        run_register(environment, "deliveries"),
        run_register(environment, "deliveries", "--json"),
    ]
    for entry in read_ledger(settings):
        said.append(run_register(environment, "feedback", entry.delivery_id))
    return settings, "\n".join(said)


def test_the_child_is_in_no_published_cell(loaded: tuple[Settings, str]) -> None:
    """Prevents the file for BI from naming a child because a force named its file after it."""
    settings, _ = loaded
    database = settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        wrong = {
            f"{schema}.{table}"
            for schema, table in tables
            if table not in CALENDAR
            and PLANTED.search(repr(connection.execute(f'from "{schema}"."{table}"').fetchall()))
        }
        files = connection.execute("select distinct file_name from register.fct_reports").fetchall()
    assert wrong == set()
    assert ("file_1.csv",) in files


def _artefacts(settings: Settings) -> Iterator[Path]:
    for path in sorted(settings.home.rglob("*")):
        place = path.relative_to(settings.home)
        is_database = path.suffix in (".duckdb", ".wal")
        is_identity = place.parts[0] in IDENTITY_ZONE or LANDED.search(place.as_posix())
        if path.is_file() and not is_identity and not is_database:
            yield path


def test_the_child_is_in_no_file_outside_the_identity_zone(loaded: tuple[Settings, str]) -> None:
    """Prevents a name from travelling in feedback, a log, Dagster's storage or the site."""
    settings, _ = loaded
    artefacts = list(_artefacts(settings))
    kinds = {path.relative_to(settings.home).parts[0] for path in artefacts}
    assert {"landing", "quality", "dagster", "published"} <= kinds
    wrong = {
        path.relative_to(settings.home).as_posix()
        for path in artefacts
        if PLANTED.search(path.read_bytes().decode("utf-8", errors="replace"))
        # A supplier's own outbox names a record by the id that the supplier gave it.
        and path.relative_to(settings.home).parts[0] != "outbox"
    }
    names = {path for path in artefacts if PLANTED.search(str(path))}
    assert (wrong, names) == (set(), set())


def test_no_command_about_deliveries_prints_the_child(loaded: tuple[Settings, str]) -> None:
    """Prevents an operator's screen, or the log of a scheduler, from naming a child."""
    _, said = loaded
    assert "file_1" in said
    assert PLANTED.search(said) is None


def test_the_walk_to_the_delivered_file_still_leads_to_its_name(
    loaded: tuple[Settings, str],
) -> None:
    """Prevents an auditor from losing the file because its name is not published."""
    settings, _ = loaded
    environment = {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(settings.home)}
    database = settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            "select report_id_register from register.fct_reports where file_name = 'file_1.csv'"
            " order by row_number"
        ).fetchone()
    assert row is not None
    traced = run_register(environment, "trace", row[0])
    shown = run_register(environment, "trace", row[0], "--show-line")
    assert PLANTED.search(traced) is None
    assert f"{CHILD}.csv" in shown
    assert f"{REFERENCE}-1" in shown


def test_the_child_is_in_no_released_file(loaded: tuple[Settings, str]) -> None:
    """Prevents official statistics from naming a child, in a page, a cell or a property."""
    settings, _ = loaded
    now = read_practice(datetime(2027, 11, 25, 9, 30, tzinfo=UTC))
    producer = Person("Pat Reed", "producer")
    announce(settings, 2027, now.now, read_practice(datetime(2027, 9, 1, tzinfo=UTC)))
    order = DraftOrder(2027, provisional_reason="Few suppliers, and one planted child")
    version = draft_release(settings, order, producer, now, release_tools(print))
    files = [path for path in sorted(version.public.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".csv", ".md", ".html", ".yaml", ".xlsx", ".ods"}
    named = [path.name for path in files if PLANTED.search("\n".join(read_released_texts(path)))]
    assert named == []
    results = {one.name: one for one in check_release(settings, version, producer, now, WORDS)}
    assert results["documents"].faults == ()
