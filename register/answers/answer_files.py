"""Writing of an answer as CSV, JSON or a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from register.answers.answering import Answer
from register.answers.common_questions import AnswerError
from register.spreadsheet import format_csv, safe_row

NUMBER_FORMATS = {"count": "#,##0", "share": "0.0 %", "date": "yyyy-mm-dd"}
WIDEST = 28


def write_answer(answer: Answer, path: Path) -> None:
    """Write an answer to a file; the ending of its name says in which form.

    Raises `AnswerError` for another ending, and `OSError` if the file cannot be written.
    """
    write = FILE_KINDS.get(path.suffix.lower())
    if write is None:
        kinds = ", ".join(FILE_KINDS)
        raise AnswerError(f'the name of the file ends in "{path.suffix}"; choose one of: {kinds}')
    write(answer, path)


def _write_csv(answer: Answer, path: Path) -> None:
    names = [column.name for column in answer.columns]
    rows = [[row[name] for name in names] for row in answer.rows]
    path.write_text(format_csv([names, *rows]), encoding="utf-8")


def _write_json(answer: Answer, path: Path) -> None:
    path.write_text(format_json(answer), encoding="utf-8")


def format_json(answer: Answer) -> str:
    """Return an answer as JSON: title, notes, columns and rows."""
    content = {
        "title": answer.title,
        "notes": answer.notes,
        "columns": [
            {"name": each.name, "heading": each.heading, "description": each.description}
            for each in answer.columns
        ],
        "rows": answer.rows,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"


def _write_workbook(answer: Answer, path: Path) -> None:
    """Write a sheet with the rows, and a sheet with the notes and the meaning of each column."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Answer"
    sheet.append([column.heading for column in answer.columns])
    for row in answer.rows:
        sheet.append(safe_row(row[column.name] for column in answer.columns))
    for place, column in enumerate(answer.columns, start=1):
        letter = get_column_letter(place)
        head, *cells = sheet[letter]
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        for cell in cells:
            cell.number_format = NUMBER_FORMATS.get(column.kind, "General")
        longest = max(len(str(row[column.name])) for row in answer.rows) if answer.rows else 0
        sheet.column_dimensions[letter].width = min(max(longest, 12) + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    notes = book.create_sheet("Notes")
    for line in (answer.title, *answer.notes):
        notes.append([line])
    notes.append([])
    notes.append(["Column", "Meaning"])
    for column in answer.columns:
        if column.description:
            notes.append([column.heading, " ".join(column.description.split())])
    notes.column_dimensions["A"].width = notes.column_dimensions["B"].width = 60
    book.save(path)


FILE_KINDS: dict[str, Callable[[Answer, Path], None]] = {
    ".xlsx": _write_workbook,
    ".csv": _write_csv,
    ".json": _write_json,
}
