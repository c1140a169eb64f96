"""Tables of documents that repeat a data file: each figure must be the one in the data file.

Such tables are sheets of a spreadsheet, Parquet files, and tables of a DuckDB database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from suppression_attack.passages import Document, Passage, StoredTable, build_row
from suppression_attack.published_files import Place, PublishedFile
from suppression_attack.report import Finding
from suppression_attack.subjects import Subjects
from suppression_attack.table import Cell

# The kind of the findings.
SHOWN = "shown in a document"
Key = tuple[Place, tuple[str, ...]]


def compare_tables(document: Document, subjects: Subjects) -> tuple[list[Finding], list[Passage]]:
    """Return the figures that differ from the data files, and the rows that no file has."""
    findings: list[Finding] = []
    other_rows: list[Passage] = []
    headings: tuple[str, ...] = ()
    file: PublishedFile | None = None
    for row in document.sheet_rows:
        headed_file = _find_file(row, subjects)
        if headed_file is not None:
            headings, file = row, headed_file
            continue
        key = _find_row_key(row, headings, file, subjects) if file is not None else None
        if file is None or key is None:
            other_rows += (Passage(text) for text in row if text)
        else:
            findings += _compare_sheet_row(document.name, row, headings, (file, key), subjects)
    for table in document.tables:
        columns = subjects.find_key_columns(table.name)
        if columns and set(columns) <= set(table.columns):
            findings += _compare_stored_table(document.name, table, subjects)
        else:
            other_rows += (build_row(table.columns, list(row), "", "") for row in table.rows)
    return findings, other_rows


def _compare_stored_table(
    document: str, table: StoredTable, subjects: Subjects
) -> Iterator[Finding]:
    """Yield the values of a table that are not in the row of the data file with the same key.

    A value may also be missing, or be a value of another column, such as the symbol `c`.
    """
    lines = subjects.index_lines(table.name)
    columns = subjects.find_key_columns(table.name)
    for row in table.rows:
        texts = dict(zip(table.columns, row, strict=True))
        key = tuple(texts[column] for column in columns)
        line = lines.get(key)
        if line is None:
            yield Finding(document, f"{table.name}: {', '.join(key)}", SHOWN, "no such row")
            continue
        for column, text in texts.items():
            allowed = [line[column]] if column in line else list(line.values())
            if text and not any(_is_same_figure(text, each) for each in allowed):
                is_hidden = line.get(column) in subjects.hidden
                detail = "hidden in the file" if is_hidden else "not as in the file"
                yield Finding(document, f"{table.name}: {', '.join(key)}, {column}", SHOWN, detail)


def _compare_sheet_row(
    document: str,
    row: tuple[str, ...],
    headings: tuple[str, ...],
    place: tuple[PublishedFile, Key],
    subjects: Subjects,
) -> Iterator[Finding]:
    file, key = place
    printed = file.rows.get(key)
    indicators = {subjects.meta[file.name][name].get("label"): name for name in file.indicators}
    for heading, text in zip(headings, row, strict=False):
        if heading not in indicators:
            continue
        measure = indicators[heading]
        expected = printed[measure] if printed else "no such row"
        if not _is_same_figure(text, expected):
            cell = Cell(subjects.release.description.release, file.name, *key, measure)
            detail = "hidden in the file" if expected in subjects.hidden else "not as in the file"
            yield Finding(document, cell.describe(file.filters), SHOWN, detail)


def _find_file(row: tuple[str, ...], subjects: Subjects) -> PublishedFile | None:
    """Return the file whose filters and indicators are all headings in a row, or None."""
    texts = set(row)
    files = [
        (len(labels), name)
        for name, labels in subjects.labels.items()
        if texts.issuperset(labels.values())
    ]
    return subjects.release.files[max(files)[1]] if files else None


def _find_row_key(
    row: tuple[str, ...], headings: tuple[str, ...], file: PublishedFile, subjects: Subjects
) -> Key | None:
    """Return the place and items of a table row, or None if the row names no cell of the file."""
    texts = dict(zip(headings, row, strict=False))
    level = next((text for text in row if text in subjects.codes), None)
    year = next((text[:4] for text in row if re.fullmatch(r"\d{4}(?: \[\w+\])?", text)), None)
    area = next((text for text in row if text in subjects.codes.get(level or "", ())), None)
    labels = [subjects.labels[file.name][name] for name in file.filters]
    if level is None or year is None or area is None or not set(labels) <= set(texts):
        return None
    return Place(year, level, area), tuple(texts[label] for label in labels)


def _is_same_figure(text: str, printed: str) -> bool:
    plain = text.removeprefix("[").removesuffix("]")
    if plain == printed:
        return True
    try:
        return float(plain) == float(printed)
    except ValueError:
        return False
