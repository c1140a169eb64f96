"""Two years loaded month by month: every row is what a load into an empty warehouse gives.

A load goes on from the warehouse that the last one left, with its scores of pairs. A drill: it
builds a nation twice for each month.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from register.decision_files import append_decisions
from register.feeds import reinstate_delivery, withdraw_delivery
from register.publishing import publish
from register.settings import Settings
from simulation import deliver_resubmissions
from tests.end_to_end.conftest import Nation, other_home
from tests.end_to_end.registers import build, land

pytestmark = pytest.mark.drill

DATABASES = ("warehouse", "national_register", "case_lists")
# The home that goes on from its warehouse, and the one whose warehouse is removed before a load.
MONTHLY, WHOLE = "monthly", "whole"
# Of a month's load, by its number from the end: what else has happened since the last.
JOINED, SEPARATED = (
    "select left_mention_key, right_mention_key from identity.int_pair_links"
    " inner join identity.int_child_crosswalk as one on left_mention_key = one.mention_key"
    " inner join identity.int_child_crosswalk as other on right_mention_key = other.mention_key"
    f" where one.child_id_register {sign} other.child_id_register"
    " order by match_weight desc, left_mention_key, right_mention_key limit 3"
    for sign in ("=", "!=")
)
LINKED = (
    "select left_mention_key, right_mention_key from identity.int_link_decisions"
    " where decision = 'link' order by all"
)
# The month, by its number from the end, from which reference data lack a category of the police.
OTHER_REFERENCE_DATA, RECODED = 7, "no_apparent_risk"
Change = Callable[[Settings], None]


def arrivals(inbox: Path) -> list[tuple[str, list[Path]]]:
    """The deliveries of an inbox by the month in which they came, first to last."""
    found: dict[str, list[Path]] = {}
    for delivery in sorted(inbox.glob("*/*/*")):
        files = [file for file in [delivery, *delivery.rglob("*")] if file.is_file()]
        moment = datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
        found.setdefault(moment.strftime("%Y-%m"), []).append(delivery)
    return sorted(found.items())


def deliver(inbox: Path, deliveries: list[Path], settings: Settings) -> None:
    """Put deliveries of one inbox into another home's, with their times."""
    for delivery in deliveries:
        place = settings.inbox / delivery.relative_to(inbox)
        place.parent.mkdir(parents=True, exist_ok=True)
        if delivery.is_dir():
            shutil.copytree(delivery, place, dirs_exist_ok=True)
        else:
            shutil.copy2(delivery, place)


def decide(settings: Settings, decision: str, query: str) -> None:
    """Decide on the pairs of mentions that a query finds in the warehouse."""
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb"), read_only=True) as found:
        pairs = found.execute(query).fetchall()
    assert pairs
    rows = [
        ["2026-01-01T09:00:00Z", "A. Person", decision, *pair, "invented", "", "other"]
        for pair in pairs
    ]
    append_decisions(settings, "links.csv", rows, ValueError)


def withdraw(settings: Settings) -> None:
    """Withdraw the last police delivery that counts."""
    withdraw_delivery(settings, _last_delivery(settings, "current"), "A. Person", "invented")


def reinstate(settings: Settings) -> None:
    """Take the withdrawn delivery back."""
    reinstate_delivery(settings, _last_delivery(settings, "withdrawn"), "A. Person", "invented")


def resubmit(settings: Settings) -> None:
    """Deliver again what a supplier corrected, in place of the first version."""
    assert deliver_resubmissions(settings.home) > 0


def _last_delivery(settings: Settings, status: str) -> str:
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb"), read_only=True) as found:
        (delivery,) = found.execute(
            "select max(delivery_id) from staging.stg_ledger__deliveries"
            " where feed = 'police_reports' and status = ?",
            [status],
        ).fetchall()[0]
    return str(delivery)


CHANGES: dict[int, Change] = {
    9: lambda settings: decide(settings, "split", JOINED),
    8: lambda settings: decide(settings, "link", SEPARATED),
    6: lambda settings: decide(settings, "void", LINKED),
    5: withdraw,
    4: reinstate,
    2: resubmit,
}


def with_other_reference_data(settings: Settings, folder: Path) -> Path:
    """A copy of the project in which police know no absence without apparent risk."""
    left_out = shutil.ignore_patterns("target", "logs")
    project = Path(shutil.copytree(settings.dbt_project, folder / "dbt_project", ignore=left_out))
    seeds = Path(shutil.copytree(settings.seeds, folder / "seeds"))
    codes = seeds / "map__police_codes.csv"
    text = codes.read_text(encoding="utf-8")
    # Not `missing`: with a risk level of no apparent risk, that is the same category again.
    codes.write_text(re.sub(rf"^(.*,category,.*),{RECODED}$", r"\1,absent", text, flags=re.M))
    return project


def recoded_reports(folder: Path) -> int:
    """How many reports of a generation are of the category that other reference data lack."""
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as published:
        return int(
            published.execute(
                "select count(*) from register.fct_reports where category_code = ?",
                [RECODED],
            ).fetchall()[0][0]
        )


def load(settings: Settings, number: int, project: Path | None) -> Path:
    """Land, build and publish, as a load does; the generation's folder."""
    land(settings)
    built = build(
        settings, f"{number}", generation_id=f"20260101T{number:06d}-000000", project=project
    )
    return publish(settings, built).folder


def differing(one: tuple[Settings, Path], other: tuple[Settings, Path]) -> dict[str, int]:
    """By table of the warehouse and of what was published: how many rows are in one home alone."""
    with duckdb.connect() as connection:
        for alias, (settings, folder) in (("one", one), ("other", other)):
            for name in DATABASES:
                place = settings.warehouse if name == "warehouse" else folder
                connection.execute(f"attach '{place / name}.duckdb' as {alias}_{name} (read_only)")
        return dict(_differing(connection))


def _differing(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    tables = connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables()"
        " where starts_with(database_name, 'one_')"
    ).fetchall()
    assert len(tables) > 200
    for database, schema, table in tables:
        other = database.replace("one_", "other_")
        sides = [f"{side}.{schema}.{table}" for side in (database, other)]
        columns = ", ".join(
            # Of a home are its folder and the order in which it found rows.
            f"replace(cast({name} as varchar), '{MONTHLY}', '{WHOLE}') as {name}"
            if name.endswith("_folder")
            else f'"{name}"'
            for name, *_ in connection.execute(f"describe {sides[0]}").fetchall()
        )
        (count,) = connection.execute(
            f"select sum(n) from (select count(*) as n from (select {columns} from {sides[0]}"
            f" except all select {columns} from {sides[1]}) union all select count(*) from"
            f" (select {columns} from {sides[1]} except all select {columns} from {sides[0]}))"
        ).fetchall()[0]
        if count:
            yield f"{database}.{schema}.{table}", int(count)


def months_differ(
    nation: Nation, folder: Path, months: int
) -> Iterator[tuple[str, dict[str, int]]]:
    """Load the last months of a nation one by one, in both homes; yield the tables that differ.

    From one month on reference data are others.
    """
    homes = [other_home(nation, folder / name) for name in (MONTHLY, WHOLE)]
    for settings in homes:
        shutil.copytree(nation.settings.home / "resubmissions", settings.home / "resubmissions")
    arrived = arrivals(nation.inbox)
    first = [delivery for _, found in arrived[:-months] for delivery in found]
    batches = [(arrived[-months - 1][0], first), *arrived[-months:]]
    project = with_other_reference_data(nation.settings, folder)
    recoded = []
    for number, (month, deliveries) in enumerate(batches):
        built = []
        is_later = months - number <= OTHER_REFERENCE_DATA
        for settings in homes:
            deliver(nation.inbox, deliveries, settings)
            if number:
                CHANGES.get(months - number, lambda _: None)(settings)
            if settings.home.name == WHOLE:
                (settings.warehouse / "warehouse.duckdb").unlink(missing_ok=True)
            built.append((settings, load(settings, number, project if is_later else None)))
        recoded.append(recoded_reports(built[0][1]))
        yield month, differing(*built)
    before, after = recoded[max(months - OTHER_REFERENCE_DATA - 1, 0)], recoded[-1]
    assert before > 0
    assert after == 0


@pytest.mark.timeout(3 * 3600)
def test_months_loaded_one_by_one_are_what_a_whole_load_gives(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents rows that a warehouse keeps: late, joined, split, withdrawn, coded otherwise."""
    months = dict(months_differ(nation, tmp_path, months=24))
    assert len(months) == 25
    assert {month: tables for month, tables in months.items() if tables} == {}
