"""Prepares a home: its folders and the append-only decision files, with their headers.

What goes into the folders belongs to the parts that own them.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from register.access import close_home, keep_private
from register.durable import flush, write_whole
from register.settings import Settings, load_settings

DELIVERY_DECISION_COLUMNS = ("decided_at", "decided_by", "delivery_id", "decision", "reason")
LINK_DECISION_COLUMNS = (
    "decided_at",
    "decided_by",
    "decision",
    "left_mention_key",
    "right_mention_key",
    "reason",
    "expires_on",
    "reason_code",
)
REVIEW_COLUMNS = (
    "reviewed_at",
    "reviewed_by",
    "left_mention_key",
    "right_mention_key",
    "judgement",
    "is_blind",
    "purpose",
)
CLERICAL_SAMPLE_COLUMNS = (
    "sample_id",
    "drawn_at",
    "seed",
    "review_pair_id",
    "left_mention_key",
    "right_mention_key",
    "stratum",
    "stratum_pair_count",
    "sampled_pair_count",
    "sampling_weight",
)
CHURN_DECISION_COLUMNS = ("decided_at", "decided_by", "generation_id", "reason")
RECORDING_CHANGE_COLUMNS = (
    "recorded_at",
    "recorded_by",
    "decision",
    "supplier_code",
    "changed_from",
    "category_code",
    "change_code",
    "left_out",
    "under_hours",
    "announced_by",
    "reason",
)
# Every file of people's decisions and judgements, by name, with its columns.
DECISION_FILES = {
    "deliveries.csv": DELIVERY_DECISION_COLUMNS,
    "links.csv": LINK_DECISION_COLUMNS,
    "reviews.csv": REVIEW_COLUMNS,
    "clerical_sample.csv": CLERICAL_SAMPLE_COLUMNS,
    "churn.csv": CHURN_DECISION_COLUMNS,
    "recording_changes.csv": RECORDING_CHANGE_COLUMNS,
}


def prepare_home(settings: Settings) -> None:
    """Create whatever a home lacks and close it to others; change nothing that is there.

    From then on this process writes nothing that others may read.
    """
    keep_private()
    for folder in (
        settings.inbox,
        settings.landing,
        settings.warehouse,
        settings.published,
        settings.quality,
        settings.outbox,
        settings.decisions,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    for name, columns in DECISION_FILES.items():
        path = settings.decisions / name
        if not path.exists():
            path.write_text(",".join(columns) + "\n", encoding="utf-8")
        _add_columns(path, columns)
    close_home(settings)


def _add_columns(path: Path, columns: tuple[str, ...]) -> None:
    """Give a file of an earlier release the columns that came at its end since, blank."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = tuple(next(lines, ()))
        if not header or header == columns or columns[: len(header)] != header:
            return
        rows = list(lines)
    text = io.StringIO()
    added = [""] * (len(columns) - len(header))
    csv.writer(text, lineterminator="\n").writerows([columns, *(row + added for row in rows)])
    write_whole(path, text.getvalue().encode(), 0o600)


def append_decisions(
    settings: Settings,
    name: str,
    rows: Iterable[Sequence[str]],
    refusal: Callable[[str], Exception],
) -> None:
    """Append rows to a file of decisions; they are on the disk when this returns.

    Raises what `refusal` makes of the reason where the file is not as it should be.
    """
    prepare_home(settings)
    path = settings.decisions / name
    fault = decision_file_fault(path)
    if fault is not None:
        raise refusal(fault)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with path.open("r+b") as file:
        # A person's editor may leave the last line without its end.
        file.seek(-1, os.SEEK_END)
        is_ended = file.read(1) == b"\n"
        file.write((("" if is_ended else "\n") + text.getvalue()).encode())
    flush(path)


def decision_file_fault(path: Path) -> str | None:
    """What is wrong with a file of decisions, by line and never by value; None if nothing."""
    columns = DECISION_FILES[path.name]
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != columns:
            return f"{path.name} does not have the columns that it should"
        for row in lines:
            if row and len(row) != len(columns):
                return (
                    f"{path.name}, line {lines.line_num}: {len(row)} fields, not {len(columns)}."
                    " Take the line out if it was cut short, or restore the file from the backup"
                )
    return None


if __name__ == "__main__":
    prepare_home(load_settings())
