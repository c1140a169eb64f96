"""Notes of the producer on what changed between two versions: a file, and why it moved."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from official_statistics.data_sets import data_set_named
from official_statistics.releases import Version
from register.durable import write_whole
from register.spreadsheet import safe_row

COLUMNS = ("file", "words")


def notes_file(version: Version) -> Path:
    """Return the path of a version's notes."""
    return version.internal / "notes.csv"


def read_notes(version: Version) -> dict[str, str]:
    """Return the latest note on each file."""
    path = notes_file(version)
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["words"] for row in csv.DictReader(stream)}


def add_note(version: Version, file: str, words: str) -> None:
    """Note why a file changed. Raises `ValueError` for a file that is none, or without words."""
    data_set_named(file)
    if not words.strip():
        raise ValueError("a note says why")
    notes = {**read_notes(version), file: words.strip()}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(safe_row(row) for row in sorted(notes.items()))
    write_whole(notes_file(version), text.getvalue().encode("utf-8"), mode=0o600)
