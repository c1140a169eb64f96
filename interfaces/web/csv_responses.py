"""Responses with CSV files, which are safe to open in a spreadsheet and are not cached."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

from register.spreadsheet import safe_row


def build_csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """Build a response that the browser saves as a CSV file with this name and these rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(safe_row("" if cell is None else cell for cell in row) for row in rows)
    return build_file_response(name, text.getvalue())


def build_file_response(name: str, text: str) -> Response:
    """Build a response with CSV text as a file. `name` must not come from a user."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
