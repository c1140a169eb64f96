"""The tables that a draft of `ties.yaml` describes: CSV files, spreadsheets and data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from suppression_attack.description import DescriptionError
from suppression_attack.drafted_columns import NUMBER, DraftTable, read_draft_table
from suppression_attack.drafted_ties import draft_ties
from suppression_attack.table_rows import (
    SPREADSHEETS,
    Line,
    read_csv_rows,
    read_frame_rows,
    read_sheet_rows,
    read_sheet_texts,
)


def draft_frames(frames: Mapping[str, Any], release: str = "draft") -> str:
    """Return a draft of `ties.yaml` for data frames (pandas or Arrow) by name."""
    tables = [
        read_draft_table(name, list(read_frame_rows(frame)), {}) for name, frame in frames.items()
    ]
    return draft_ties(tables, release).to_yaml()


def read_draft_files(paths: Sequence[Path], sheet: str | None) -> list[DraftTable]:
    """Return the tables of files, whose metadata files are left out of `paths`."""
    return [_read_table(path, sheet) for path in paths if not path.name.endswith(".meta.csv")]


def _read_table(path: Path, sheet: str | None) -> DraftTable:
    metadata: dict[str, Line] = {}
    if path.suffix in SPREADSHEETS:
        lines = list(read_sheet_rows(path, sheet, _find_headings(path, sheet)))
    else:
        lines = list(read_csv_rows(path))
        described = path.with_name(f"{path.stem}.meta.csv")
        if described.is_file():
            metadata = {row["col_name"]: row for row in read_csv_rows(described)}
    if not lines:
        raise DescriptionError(f"{path.name} has no rows")
    table = read_draft_table(path.stem, lines, metadata)
    if path.suffix in SPREADSHEETS:
        table.source, table.sheet = path.name, sheet
    return table


def _find_headings(path: Path, sheet: str | None) -> list[str]:
    """Return the texts of the first row that has several, all above a row with a figure."""
    rows = read_sheet_texts(path, sheet)
    for row, following in pairwise(rows):
        headings = [text for text in row if text]
        has_figure = any(NUMBER.fullmatch(text) for text in following)
        if len(headings) > 1 and has_figure and not any(map(NUMBER.fullmatch, headings)):
            return headings
    raise DescriptionError(f"{path.name}: no row of the sheet looks like the headings of a table")
