"""Decisions: what people have ruled about pairs of mentions, read from the append-only file.

The latest decision about a pair counts while it has not expired. Taking decisions belongs to
review; what they do to clusters, to `guards` and `clustering`.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

DECISIONS = ("link", "never_link", "split")
DECISION_WEIGHT = 1_000_000.0

DECISION_SCHEMA = pa.schema(
    [
        ("decided_at", pa.timestamp("us")),
        ("decided_by", pa.string()),
        ("decision", pa.string()),
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("reason", pa.string()),
    ]
)


class DecisionError(ValueError):
    """A line of the decisions file cannot be understood; the message names file and line."""


def read_link_decisions(path: Path, as_known_at: datetime) -> pa.Table:
    """Return the decisions in force at `as_known_at` (UTC), one per pair, in `DECISION_SCHEMA`.

    A later decision about a pair replaces an earlier one, a later line one of the same moment. An
    expired decision leaves the pair undecided. Raises `DecisionError`.
    """
    known_at = as_known_at.astimezone(UTC).replace(tzinfo=None)
    latest: dict[tuple[str, str], tuple[datetime, int, dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            decided_at = _moment(row["decided_at"], path, reader.line_num)
            if row["decision"] not in DECISIONS:
                raise DecisionError(
                    f"{path.name}, line {reader.line_num}: decision must be one of "
                    + ", ".join(DECISIONS)
                )
            if decided_at > known_at:
                continue
            pair = tuple(sorted((row["left_mention_key"], row["right_mention_key"])))
            latest[pair[0], pair[1]] = max(
                latest.get((pair[0], pair[1]), (datetime.min, 0, row)),  # noqa: DTZ901 - naive UTC
                (decided_at, reader.line_num, row),
                key=lambda entry: entry[:2],
            )
    rows = [
        {**{name: row[name] for name in DECISION_SCHEMA.names}, "decided_at": decided_at}
        for decided_at, line, row in latest.values()
        if not _has_expired(row.get("expires_on") or "", known_at, path, line)
    ]
    rows.sort(key=lambda row: (row["decided_at"], row["left_mention_key"]))
    return pa.Table.from_pylist(rows, schema=DECISION_SCHEMA)


def joinable_links(links: pa.Table, decisions: pa.Table) -> pa.Table:
    """Return the pairs that may join clusters, with their weights.

    These are the links of band `link` and the pairs that people linked, which outweigh every
    method. What is only evidence stays out until somebody decides.
    """
    rows = [
        {
            "left_mention_key": min(row["left_mention_key"], row["right_mention_key"]),
            "right_mention_key": max(row["left_mention_key"], row["right_mention_key"]),
            "match_weight": DECISION_WEIGHT,
        }
        for row in decisions.to_pylist()
        if row["decision"] == "link"
    ]
    columns = ["left_mention_key", "right_mention_key", "match_weight"]
    proved = links.filter(pc.equal(links["band"], "link")).select(columns)
    return pa.concat_tables([pa.Table.from_pylist(rows, schema=proved.schema), proved])


def _moment(text: str, path: Path, line: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise DecisionError(f"{path.name}, line {line}: decided_at is not a date") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _has_expired(text: str, known_at: datetime, path: Path, line: int) -> bool:
    if not text:
        return False
    try:
        return datetime.fromisoformat(text).date() < known_at.date()
    except ValueError as error:
        raise DecisionError(f"{path.name}, line {line}: expires_on is not a date") from error
