"""Lists of absences that one source lacks, one for each local authority and police force.

After each load, the outbox has the present list of each as `outbox/<supplier>/absences.csv`. It
replaces the earlier list, and marks the lines that are in it for the first time. A list has the
references of its receiver only, and must be sent to nobody else. Which absences it has is decided
in the dbt project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from register.durable import write_whole
from register.feeds.ledger import read_ledger
from register.feeds.outbox import PRIVATE, SENT_FOLDER
from register.feeds.seeds import load_suppliers
from register.generation_ids import parse_build_time
from register.labels import code_to_label
from register.private_files import write_private
from register.settings import Settings
from register.spreadsheet import format_csv
from register.supplier_names import name_supplier

ABSENCE_LIST = "absences.csv"
FEEDS_OF_ABSENCES = ("police_reports", "authority_extract", "authority_return")
ABSENCE_COLUMNS = (
    "is_new",
    "line_reference",
    "recorded_by",
    "not_recorded_by",
    "child_references",
    "report_references",
    "category",
    "start_date",
    "end_date",
    "probable_reason",
    "what_to_do",
    "listed_since",
)
NEW, YOU, NO_RETURN = "new", "you", "no return recorded"
NOTHING = "Nothing to compare: no absence is missing on either side that you can put right"


@dataclass(frozen=True)
class AbsenceLine:
    """An absence that one of two organisations recorded and the other lacks, for one of them.

    References are those of `body_code`, which gets the line. `line_reference` is the same for both.
    `episode_id_register` is for the access record, and is in no list.
    """

    body_code: str
    line_reference: str
    is_recorded_by_body: bool
    other_body_code: str
    child_references: str | None
    report_references: str | None
    category_code: str
    start_date: date
    end_date: date | None
    probable_reason: str
    what_to_do: str
    episode_id_register: str


def write_absence_lists(
    settings: Settings,
    generation_id: str,
    lines: Iterable[AbsenceLine],
    statuses: Mapping[str, str],
) -> dict[str, int]:
    """Write the list of each supplier whose absences are in the generation; return line counts.

    `lines` are in the order of urgency. `statuses` has the status of each delivery. A supplier
    without lines gets a list that says so. What a list has is noted after it is written, so a load
    that was killed in between marks the same lines as new again.
    """
    by_body: dict[str, list[AbsenceLine]] = {
        code: [] for code in _list_receivers(settings, statuses)
    }
    for line in lines:
        by_body.setdefault(line.body_code, []).append(line)
    for body_code, own in sorted(by_body.items()):
        since = _read_first_listings(settings, body_code)
        path = settings.outbox / body_code / ABSENCE_LIST
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = build_list_rows(settings, generation_id, body_code, own)
        write_private(settings.data_keys, path, format_absence_list(rows).encode())
        noted = (
            f"{line.line_reference} {since.get(line.line_reference, generation_id)}" for line in own
        )
        _noted_file(settings, body_code).parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(_noted_file(settings, body_code), "\n".join([*noted, ""]).encode(), PRIVATE)
    return {body_code: len(own) for body_code, own in by_body.items()}


def build_list_rows(
    settings: Settings, generation_id: str, body_code: str, lines: Iterable[AbsenceLine]
) -> list[dict[str, str]]:
    """Return the rows of one list; lines that the list has for the first time are marked as new."""
    since = _read_first_listings(settings, body_code)
    rows = []
    for line in lines:
        first_id = since.get(line.line_reference, generation_id)
        other = name_supplier(settings.seeds, line.other_body_code)
        recorded_by, lacking = (YOU, other) if line.is_recorded_by_body else (other, YOU)
        rows.append(
            {
                "is_new": NEW if first_id == generation_id else "",
                "line_reference": line.line_reference,
                "recorded_by": recorded_by,
                "not_recorded_by": lacking,
                "child_references": line.child_references or "",
                "report_references": line.report_references or "",
                "category": code_to_label(line.category_code),
                "start_date": line.start_date.isoformat(),
                "end_date": line.end_date.isoformat() if line.end_date else NO_RETURN,
                "probable_reason": line.probable_reason,
                "what_to_do": line.what_to_do,
                "listed_since": parse_build_time(first_id).date().isoformat(),
            }
        )
    return rows


def format_absence_list(rows: Iterable[Mapping[str, str]]) -> str:
    """Return the rows of a list as the text of a CSV file, which is never without a row."""
    present = list(rows) or [{"what_to_do": NOTHING}]
    return format_csv(
        [ABSENCE_COLUMNS, *([row.get(name, "") for name in ABSENCE_COLUMNS] for row in present)]
    )


def _list_receivers(settings: Settings, statuses: Mapping[str, str]) -> set[str]:
    """Return the suppliers with a current delivery of absences, or with a list from before."""
    known = {term.supplier_code for term in load_suppliers(settings.seeds)}
    delivered = {
        entry.supplier_code
        for entry in read_ledger(settings)
        if entry.feed in FEEDS_OF_ABSENCES and statuses.get(entry.delivery_id) == "current"
    }
    listed = {path.parent.name for path in settings.outbox.glob(f"[!.]*/{ABSENCE_LIST}")}
    return known & (delivered | listed)


def _read_first_listings(settings: Settings, body_code: str) -> dict[str, str]:
    """Return the generation in which each line of the present list was listed first."""
    try:
        text = _noted_file(settings, body_code).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return dict(line.split(" ", 1) for line in text.splitlines())


def _noted_file(settings: Settings, body_code: str) -> Path:
    return settings.outbox / SENT_FOLDER / f"{body_code}.absences.txt"
