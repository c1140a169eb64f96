"""Delivered lines as reports of absences: the last version of each, with its child."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from register.settings import PROJECT_ROOT
from tests.second_path.files import (
    Line,
    Moment,
    layout,
    london_day,
    moment,
    read_folder,
)

SEEDS = PROJECT_ROOT / "seeds"
LAST = datetime(9999, 12, 31)  # noqa: DTZ001


@dataclass(frozen=True)
class Delivery:
    """A delivery that was not refused, as the register names it, and the folder it lies in."""

    delivery_id: str
    feed: str
    supplier: str
    period_start: date
    period_end: date
    received_at: datetime
    layout_name: str
    folder: Path


@dataclass(frozen=True)
class Report:
    """One record of an absence in its last version, with its child."""

    key: tuple[str, str, str]
    line: tuple[str, str, int]
    feed: str
    supplier: str
    child: str
    start: Moment | None
    end: Moment | None
    age: int | None
    category: str
    delivery: Delivery
    first_received_at: datetime
    first_period_start: date

    @property
    def source(self) -> str:
        """Who reported: `police` or `authority`."""
        return "police" if self.feed == "police_reports" else "authority"


@dataclass(frozen=True)
class Taken:
    """What is taken from the register: deliveries, the child of a line, a child's birth date."""

    deliveries: tuple[Delivery, ...]
    child_of_line: dict[tuple[str, str, int], str]
    birth_dates: dict[str, date]


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a seed as text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def current(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The last received of a supplier, feed and period; of extracts the last period alone."""
    last: dict[tuple[str, str, Any], Delivery] = {}
    for delivery in sorted(deliveries, key=lambda each: (each.received_at, each.delivery_id)):
        last[delivery.feed, delivery.supplier, delivery.period_start] = delivery
    extracts: dict[str, Delivery] = {}
    for delivery in last.values():
        known = extracts.get(delivery.supplier)
        if delivery.feed == "authority_extract" and (
            known is None or delivery.period_end > known.period_end
        ):
            extracts[delivery.supplier] = delivery
    return [
        delivery
        for delivery in last.values()
        if delivery.feed != "authority_extract" or extracts[delivery.supplier] is delivery
    ]


TABLES = {
    "police_reports": "reports",
    "authority_extract": "ssd_missing",
    "authority_return": "missing",
}


def reports_of(taken: Taken) -> list[Report]:
    """Every record of an absence in its last version, that the register placed with a child."""
    versions: dict[tuple[str, str, str], list[tuple[Delivery, Line]]] = defaultdict(list)
    for delivery in current(taken.deliveries):
        if delivery.feed in TABLES:
            lines = read_folder(delivery.folder, delivery.layout_name, TABLES[delivery.feed])
            for line in lines:
                reference = _reference(delivery, line)
                if reference is not None:
                    versions[delivery.feed, delivery.supplier, reference].append((delivery, line))
    return [_report(key, found, taken) for key, found in sorted(versions.items())]


def _reference(delivery: Delivery, line: Line) -> str | None:
    """The supplier's reference of a record; None where what is required is blank."""
    fields = line.fields
    required, reference = {
        "police_reports": (("report_ref", "reported_at"), "report_ref"),
        "authority_extract": (("miss_table_id", "miss_person_id"), "miss_table_id"),
        "authority_return": (("child",), "child"),
    }[delivery.feed]
    if not all(name in fields or f"{name}.date" in fields for name in required):
        return None
    if delivery.feed != "authority_return":
        return fields[reference]
    # A return has no reference of an absence: the child, the day and the category are one.
    begun = moment(fields, "mis_start", layout(delivery.layout_name))
    day = "" if begun is None else str(london_day(begun.lower))
    return f"{fields['child']}|{day}|{fields.get('missing') or ''}"


def _report(
    key: tuple[str, str, str], versions: list[tuple[Delivery, Line]], taken: Taken
) -> Report:
    def rank(version: tuple[Delivery, Line]) -> tuple[Any, ...]:
        delivery, line = version
        return (delivery.period_end, delivery.received_at, delivery.delivery_id,
                line.file_name, line.row_number)  # fmt: skip

    delivery, line = max(versions, key=rank)
    place = (delivery.delivery_id, line.file_name, line.row_number)
    child = taken.child_of_line[place]
    start, end = _interval(delivery, line)
    received = min(each.received_at for each, _ in versions)
    period = min(each.period_start for each, _ in versions)
    age = line.fields.get("age")
    years = int(age) if age is not None and age.isdigit() else None
    category = _category(delivery, line)
    return Report(
        key, place, delivery.feed, delivery.supplier, child, start, end, years, category, delivery,
        received, period,
    )  # fmt: skip


def _category(delivery: Delivery, line: Line) -> str:
    """The register's code of what was reported, by the seed that maps the supplier's own."""
    police = delivery.feed == "police_reports"
    name = {"police_reports": "category", "authority_extract": "miss_missing_episode_type"}
    written = line.fields.get(name.get(delivery.feed, "missing"))
    for row in seed("map__police_codes" if police else "map__authority_codes"):
        is_of_layout = (
            row["layout_name"] == delivery.layout_name
            if police
            else row["used_by"] in {delivery.feed, delivery.layout_name}
        )
        field = "category" if police else "missing_type"
        if row["field_name"] == field and is_of_layout and row["source_code"] == written:
            return row["conformed_code"]
    return "unmapped"


def _interval(delivery: Delivery, line: Line) -> tuple[Moment | None, Moment | None]:
    """Last seen, or else reported; returned, or else found. An end before its start is none."""
    form = layout(delivery.layout_name)
    names = {
        "police_reports": (("last_seen_at", "reported_at"), ("returned_at", "found_at")),
        "authority_extract": (
            ("miss_missing_episode_start_date",), ("miss_missing_episode_end_date",)
        ),
        "authority_return": (("mis_start",), ("mis_end",)),
    }[delivery.feed]  # fmt: skip
    start, end = (
        next((found for name in each if (found := moment(line.fields, name, form))), None)
        for each in names
    )
    if start is None or end is None or end.upper < start.lower:
        return start, None
    return start, end


def can_be(report: Report, birth_date: date | None) -> bool:
    """Whether the absence can have been: what is born, received and in counted years.

    A return tells of its own year: it may begin before it, and must not end before or begin after.
    """
    if report.start is None:
        return False
    day = london_day(report.start.lower)
    born = day >= birth_date if birth_date else report.age is None or report.age >= 0
    is_received = day <= london_day(report.delivery.received_at)
    is_counted = date(2014, 4, 1) <= day
    if report.feed == "authority_return":
        ended = None if report.end is None else london_day(report.end.lower)
        is_counted &= day <= report.delivery.period_end
        is_counted &= ended is None or ended >= report.delivery.period_start
    return born and is_received and is_counted


def is_child(report: Report, birthday: date | None) -> bool:
    """Under 18 on the day on which the absence starts; without a birth date, by the age given.

    Of whom neither is known is counted: no child falls through for want of a date.
    """
    if report.start is None:
        return False
    if birthday is not None:
        return london_day(report.start.lower) < birthday
    return report.age is None or report.age < 18


def eighteenth_birthday(birth_date: date) -> date:
    """The day of it; 1 March for a birth on 29 February."""
    if (birth_date.month, birth_date.day) == (2, 29):
        return date(birth_date.year + 18, 3, 1)
    return birth_date.replace(year=birth_date.year + 18)
