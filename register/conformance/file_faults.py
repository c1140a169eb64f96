"""Faults of text files and workbooks: their form, their lines, and what is missing."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

from register.conformance.fault_list import declare_fault
from register.conformance.sample_delivery import (
    VERSION_TABLE,
    ExpectedFinding,
    Sample,
    SampleDelivery,
    Setting,
)
from register.feeds import Layout, list_written_columns
from register.reproducible_zip import make_reproducible

# A file that belongs to no table. Its name has a word that every feed allows.
OTHER_FILE = "part.dat"
TITLE = "Extract of the period"
TAB = "\t"


def _is_text(setting: Setting) -> bool:
    return setting.layout.file.form == "csv"


def _choose_table(delivery: SampleDelivery) -> str:
    """Return the first table of a delivery that must have a file with records."""
    for name, sample in delivery.tables.items():
        custom = sample.table.custom
        if name != VERSION_TABLE and not custom.is_file_optional and not custom.may_be_empty:
            return name
    return next(iter(delivery.tables))


def _replace_file(
    delivery: SampleDelivery, table: str, files: dict[str, bytes]
) -> dict[str, bytes]:
    """Return the files of a delivery, in which others are sent in place of a table's file."""
    rendered = delivery.render_files()
    del rendered[delivery.name_file(table)]
    return rendered | files


def _drop_suffix(name: str) -> str:
    return name.rpartition(".")[0]


@declare_fault("empty_file")
def _empty_file(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    name = delivery.name_file(_choose_table(delivery))
    return delivery.build_sample(ExpectedFinding("empty_file", name), files={name: b""})


@declare_fault("header_only")
def _leave_out_records(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    delivery.tables[table].rows.clear()
    return delivery.build_sample(delivery.find_in_file("header_only", table))


@declare_fault("missing_file")
def _leave_out_file(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    if len(delivery.tables) == 1:
        files = {OTHER_FILE: delivery.render_file(table)}
        return Sample(files, (ExpectedFinding("missing_file"),))
    finding = ExpectedFinding("missing_file", f"{table}.csv")
    return Sample(_replace_file(delivery, table, {}), (finding,))


@declare_fault("unknown_file")
def _add_file(setting: Setting) -> Sample:
    finding = ExpectedFinding("unknown_file", OTHER_FILE)
    return setting.invent_delivery().build_sample(finding, files={OTHER_FILE: b"no table\n"})


@declare_fault("unfinished_file", is_of_layout=False)
def _leave_unfinished(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    name = f"{delivery.name_file(table)}.part"
    files = _replace_file(delivery, table, {name: delivery.render_file(table)})
    return Sample(files, (ExpectedFinding("unfinished_file", name),))


@declare_fault("unread_form")
def _send_document(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    name = f"{_drop_suffix(delivery.name_file(table))}.pdf"
    files = _replace_file(delivery, table, {name: b"%PDF-1.7 no table\n"})
    return Sample(files, (ExpectedFinding("unread_form", name),))


@declare_fault("workbook_for_text")
def _send_workbook(setting: Setting) -> Sample | None:
    if not _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    name = f"{_drop_suffix(delivery.name_file(table))}.xlsx"
    workbook = delivery.render_file(table, _as_workbook(setting))
    files = _replace_file(delivery, table, {name: workbook})
    return Sample(files, (ExpectedFinding("workbook_for_text", name),))


def _as_workbook(setting: Setting) -> Layout:
    form = setting.layout.file.model_copy(update={"form": "xlsx", "sheet_name": "Export"})
    return setting.layout.model_copy(update={"file": form})


@declare_fault("text_for_workbook")
def _send_text(setting: Setting) -> Sample | None:
    if _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    form = setting.layout.file.model_copy(update={"form": "csv"})
    name = f"{_drop_suffix(delivery.name_file(table))}.csv"
    text = delivery.render_file(table, setting.layout.model_copy(update={"file": form}))
    return Sample({name: text}, (ExpectedFinding("text_for_workbook", name),))


@declare_fault("title_lines")
def _add_title(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    finding = delivery.find_in_file("title_lines", name, -1)
    if _is_text(setting):
        data = _insert_line(setting, delivery.render_file(name), 0, TITLE)
        return delivery.build_sample(finding, files={delivery.name_file(name): data})
    width = len(sample.headings)
    sample.rows.insert(0, sample.headings)
    sample.headings = [TITLE, *[""] * (width - 1)]
    delivery.lost_count += 1
    return delivery.build_sample(finding)


def _insert_line(setting: Setting, data: bytes, position: int, text: str) -> bytes:
    """Return a text file with one more line; a footer still states the number of records."""
    form = setting.layout.file
    mark = b"\xef\xbb\xbf" if form.byte_order_mark and data.startswith(b"\xef\xbb\xbf") else b""
    lines = data.removeprefix(mark).decode(form.encoding).split(form.line_terminator)
    lines.insert(position, text)
    if form.footer and position > 0:
        # The last text is the empty one after the last line.
        lines[-2] = form.footer.text.format(row_count=len(lines) - 3)
    return mark + form.line_terminator.join(lines).encode(form.encoding)


@declare_fault("other_separator")
def _use_other_separator(setting: Setting) -> Sample | None:
    form = setting.layout.file
    if not _is_text(setting) or form.delimiter == TAB:
        return None
    delivery = setting.invent_delivery()
    name = next(iter(delivery.tables))
    footer = form.footer and form.footer.model_copy(
        update={"text": form.footer.text.replace(form.delimiter, TAB)}
    )
    other = form.model_copy(update={"delimiter": TAB, "footer": footer})
    data = delivery.render_file(name, setting.layout.model_copy(update={"file": other}))
    finding = delivery.find_in_file("other_separator", name, -1)
    return delivery.build_sample(finding, files={delivery.name_file(name): data})


@declare_fault("wrong_encoding")
def _use_other_encoding(setting: Setting) -> Sample | None:
    form = setting.layout.file
    if not _is_text(setting) or form.encoding.startswith(("utf-16", "utf-32")):
        return None
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda _, column: (
            column.logicalType == "string"
            and not (column.required or column.custom.code_map or column.custom.number_of)
            and column.pattern is None
        )
    )
    if place is None:
        return None
    delivery.write_text(place, 1, "Zoe")
    other = "cp1252" if form.encoding == "utf-8" else "utf-8"
    data = delivery.render_file(place.table).replace(b"Zoe", "Zoë".encode(other))
    finding = delivery.find_in_file("wrong_encoding", place.table, 1)
    return delivery.build_sample(
        replace(finding, table=""), files={delivery.name_file(place.table): data}
    )


@declare_fault("nul_bytes")
def _write_nul(setting: Setting) -> Sample | None:
    form = setting.layout.file
    if not _is_text(setting) or form.encoding.startswith(("utf-16", "utf-32")):
        return None
    delivery = setting.invent_delivery()
    name = next(iter(delivery.tables))
    lines = delivery.render_file(name).split(form.line_terminator.encode())
    letter = next(byte for byte in lines[2] if chr(byte).isalnum())
    lines[2] = lines[2].replace(bytes([letter]), b"\0", 1)
    finding = delivery.lose_record("nul_bytes", name, 1)
    data = form.line_terminator.encode().join(lines)
    return delivery.build_sample(finding, files={delivery.name_file(name): data})


@declare_fault("unclosed_quote")
def _leave_quote_open(setting: Setting) -> Sample | None:
    form = setting.layout.file
    if not _is_text(setting) or not form.quote_character:
        return None
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    count = len(sample.rows)
    text = f"{form.quote_character}unclosed"
    data = _insert_line(setting, delivery.render_file(name), count + 1, text)
    finding = replace(delivery.find_in_file("unclosed_quote", name, count), is_quarantined=True)
    return delivery.build_sample(finding, files={delivery.name_file(name): data})


@declare_fault("wrong_field_count")
def _add_field(setting: Setting) -> Sample | None:
    if not _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    sample.rows[1].append("surplus")
    return delivery.build_sample(delivery.lose_record("wrong_field_count", name, 1))


@declare_fault("total_row")
def _add_total(setting: Setting) -> Sample:
    """Add a short row to a text file. A row of a sheet is as wide as the others."""
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    count = len(sample.rows)
    cells = ["Total", str(count)]
    field = ""
    if not _is_text(setting):
        cells += [""] * (len(sample.headings) - len(cells))
        field = _find_empty_field(delivery, name, cells)
    sample.rows.append(cells)
    return delivery.build_sample(delivery.lose_record("total_row", name, count, field))


@declare_fault("empty_row")
def _add_empty_row(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    cells = [""] * len(sample.headings)
    sample.rows.insert(1, cells)
    field = _find_empty_field(delivery, name, cells)
    return delivery.build_sample(delivery.lose_record("empty_row", name, 1, field))


def _find_empty_field(delivery: SampleDelivery, table: str, cells: list[str]) -> str:
    """Return the first field in the contract's order that each record needs and the row lacks."""
    sample = delivery.tables[table]
    texts = dict(zip(sample.headings, cells, strict=True))
    setting = delivery.setting
    written = list_written_columns(setting.layout, sample.table, setting.period)
    empty = {item.field for item in written if not texts[item.name]}
    return next(
        column.name
        for column in sample.table.properties
        if column.required and column.name in empty
    )


@declare_fault("missing_footer")
def _leave_out_footer(setting: Setting) -> Sample | None:
    if not setting.layout.file.footer:
        return None
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    form = setting.layout.file.model_copy(update={"footer": None})
    data = delivery.render_file(name, setting.layout.model_copy(update={"file": form}))
    finding = ExpectedFinding("missing_footer", delivery.name_file(name), str(len(sample.rows) + 1))
    return delivery.build_sample(finding, files={delivery.name_file(name): data})


@declare_fault("footer_mismatch")
def _lose_line(setting: Setting) -> Sample | None:
    form = setting.layout.file
    if not form.footer:
        return None
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    lines = delivery.render_file(name).split(form.line_terminator.encode())
    del lines[1]
    finding = ExpectedFinding(
        "footer_mismatch", delivery.name_file(name), str(len(sample.rows) + 1)
    )
    data = form.line_terminator.encode().join(lines)
    return delivery.build_sample(finding, files={delivery.name_file(name): data})


@declare_fault("long_line", is_of_layout=False)
def _write_long_line(setting: Setting) -> Sample | None:
    """Return a packed file, because a line of more than a megabyte would make the kit large."""
    if not _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    table = _choose_table(delivery)
    name = delivery.name_file(table)
    data = _insert_line(setting, delivery.render_file(table), 1, "x" * ((1 << 20) + 1))
    files = _replace_file(delivery, table, {f"{name}.gz": gzip.compress(data, mtime=0)})
    return Sample(files, (ExpectedFinding("long_line", f"{name}.gz/{name}", "2"),))


def _change_workbook(delivery: SampleDelivery, change: str) -> bytes:
    """Return the workbook of a delivery with another sheet, or with its sheet renamed."""
    import openpyxl

    (table,) = delivery.tables
    book = openpyxl.load_workbook(io.BytesIO(delivery.render_file(table)))
    sheet = book.worksheets[0]
    if change == "copied":
        book.copy_worksheet(sheet).title = "Copy"
    elif change == "renamed":
        sheet.title = "Sheet1"
    else:
        book.create_sheet("Notes").append(["Made by the export"])
    stored = io.BytesIO()
    book.save(stored)
    return make_reproducible(stored.getvalue())


def _send_changed_workbook(
    setting: Setting, rule_code: str, change: str, place: str = ""
) -> Sample | None:
    if _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    (table,) = delivery.tables
    name = delivery.name_file(table)
    finding = ExpectedFinding(rule_code, f"{name}{place}")
    if rule_code == "unknown_sheet":
        finding = replace(finding, table=table)
    return delivery.build_sample(finding, files={name: _change_workbook(delivery, change)})


@declare_fault("further_sheet")
def _copy_sheet(setting: Setting) -> Sample | None:
    return _send_changed_workbook(setting, "further_sheet", "copied", "/sheet_2")


@declare_fault("unknown_sheet")
def _add_sheet(setting: Setting) -> Sample | None:
    return _send_changed_workbook(setting, "unknown_sheet", "added", "/sheet_2")


@declare_fault("missing_sheet")
def _rename_sheet(setting: Setting) -> Sample | None:
    return _send_changed_workbook(setting, "missing_sheet", "renamed")


@declare_fault("unreadable_workbook")
def _cut_workbook(setting: Setting) -> Sample | None:
    if _is_text(setting):
        return None
    delivery = setting.invent_delivery()
    (table,) = delivery.tables
    name = delivery.name_file(table)
    cut = delivery.render_file(table)[:200]
    return delivery.build_sample(ExpectedFinding("unreadable_workbook", name), files={name: cut})
