"""Excel workbooks: the layout's one sheet as texts, row by sheet row.

A cell that Excel typed as a date comes as `YYYY-MM-DD HH:MM:SS`; reading that as a date belongs in
`register.feeds.dates`.
"""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pyarrow as pa

from register.feeds.delivery import SourceFile
from register.feeds.layout import FileForm
from register.feeds.readers.archive import check_sizes
from register.feeds.rules import Rejection, Rule
from register.feeds.tables import RawTable


def read_workbook(source: SourceFile, form: FileForm, table_name: str) -> RawTable:
    """Read the layout's sheet. Raises `Rejection` if workbook or sheet cannot be read."""
    if not source.data:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    columns = _sheet_columns(source, str(form.sheet_name))
    height = max((_used_height(column) for column in columns), default=0)
    if height == 0:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    used = [column for column in columns if _used_height(column)]
    headings = [(column[0].as_py() or "").strip() for column in used]
    records = [column.slice(1, height - 1) for column in used]

    def record_text(position: int) -> str:
        return "\t".join(column[position].as_py() or "" for column in records)

    return RawTable(
        file=source.path,
        table_name=table_name,
        headings=headings,
        columns=records,
        row_numbers=np.arange(2, height + 1, dtype=np.int64),
        record_text=record_text,
    )


def _sheet_columns(source: SourceFile, sheet_name: str) -> list[pa.Array]:
    import fastexcel

    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            check_sizes(source.path, archive.infolist(), len(source.data))
        workbook = fastexcel.read_excel(source.data)
        if sheet_name not in workbook.sheet_names:
            raise Rejection(Rule.MISSING_SHEET, source.path)
        sheet = workbook.load_sheet(sheet_name, header_row=None, skip_rows=0, dtypes="string")
        batch = sheet.to_arrow()
    except (zipfile.BadZipFile, fastexcel.FastExcelError) as error:
        raise Rejection(Rule.UNREADABLE_WORKBOOK, source.path) from error
    return [column.cast(pa.string()) for column in batch.columns]


def _used_height(column: pa.Array) -> int:
    filled = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    return int(filled[-1]) + 1 if len(filled) else 0
