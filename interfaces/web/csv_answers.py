"""CSV files that the application gives out: safe to open in a spreadsheet, kept by no cache."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

from register.spreadsheet import safe_row


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file to be saved under a name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(safe_row("" if cell is None else cell for cell in row) for row in rows)
    return file_answer(name, text.getvalue())


def file_answer(name: str, text: str) -> Response:
    """A CSV file that is written already; its name is one of ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
