"""The accessible spreadsheet of a release as OpenDocument, the government's format for editing.

gptables cannot write this format, so the standard library does (decision 71). The ZIP file has five
parts; `content.xml` has a table for each sheet. The templates of the parts are in
`templates/opendocument/`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from official_statistics.documents.facts import ReleaseFacts, read_notes
from official_statistics.documents.public_files import PublicFile
from official_statistics.documents.sheets import (
    AUTHOR,
    INSTRUCTIONS,
    LANGUAGE,
    SOURCE,
    Figure,
    Sheet,
    build_archive_entry,
    build_sheets,
    describe_subject,
    find_creation_time,
    list_note_rows,
    write_cover,
)

TEMPLATES = Path(__file__).with_name("templates") / "opendocument"
TYPE = "application/vnd.oasis.opendocument.spreadsheet"
# Names of the column styles in content.xml.
WIDE, PLAIN = "wide", "plain"


def write_opendocument(facts: ReleaseFacts, files: Mapping[str, PublicFile], path: Path) -> None:
    """Write the spreadsheet to `path`. The same files and facts always give the same bytes."""
    sheets = list(build_sheets(facts, files))
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True
    )
    head, tail = (
        environment.get_template("content.xml.j2")
        .render(ranges=_list_ranges(sheets))
        .split("<!-- -->")
    )
    properties = {
        "title": facts.title,
        "subject": describe_subject(facts),
        "author": AUTHOR,
        "language": LANGUAGE,
        "made_at": f"{find_creation_time(facts):%Y-%m-%dT%H:%M:%SZ}",
    }
    with zipfile.ZipFile(path, "w") as package:
        # Programs recognise the format by the first entry of the package, which must not be
        # compressed.
        package.writestr(build_archive_entry(facts, "mimetype"), TYPE, zipfile.ZIP_STORED)
        for name in ("META-INF/manifest.xml", "meta.xml", "styles.xml"):
            text = environment.get_template(f"{Path(name).name}.j2").render(type=TYPE, **properties)
            package.writestr(build_archive_entry(facts, name), text)
        with package.open(build_archive_entry(facts, "content.xml"), "w", force_zip64=True) as part:
            for text in (
                head,
                *_write_front_sheets(facts, files, sheets),
                *_write_table_sheets(sheets),
                tail,
            ):
                part.write(text.encode())


def _write_front_sheets(
    facts: ReleaseFacts, files: Mapping[str, PublicFile], sheets: Iterable[Sheet]
) -> Iterator[str]:
    """Yield the sheets for cover, contents and notes."""
    cover = write_cover(facts)
    yield _open_sheet("Cover", [WIDE])
    yield _write_row([facts.title], "title")
    for heading, lines in (
        ("Introduction", cover.introduction),
        ("Symbols", cover.symbols),
        ("Contact", (cover.contact,)),
    ):
        yield _write_row([heading], "heading")
        yield from (_write_row([line]) for line in lines)
    yield "</table:table>"
    yield _open_sheet("Contents", [PLAIN, WIDE])
    yield _write_row(["Table of contents"], "title")
    yield _write_row(["This sheet has one table."])
    yield _write_heading_row(["Sheet name", "Table description"])
    yield _write_row([("Notes", "#Notes.A1"), "Notes used in this workbook"])
    for sheet in sheets:
        yield _write_row([(sheet.name, f"#'{sheet.name}'.A1"), sheet.title])
    yield "</table:table>"
    yield _open_sheet("Notes", [PLAIN, WIDE])
    yield _write_row(["Notes"], "title")
    yield _write_row(["This sheet has one table."])
    yield _write_heading_row(["Note reference", "Note text"])
    yield from (_write_row(row) for row in list_note_rows(files))
    yield "</table:table>"


def _list_lines_above(sheet: Sheet) -> list[str]:
    """Return the lines of text between a sheet's title and its table."""
    references = " ".join(f"[{name}]" for name in sheet.notes)
    lines = [sheet.years, INSTRUCTIONS, read_notes()["scope"], SOURCE]
    return [*lines, *([f"Notes: {references}"] if references else [])]


def _write_table_sheets(sheets: Iterable[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        place_count = len(sheet.headings) - len(sheet.decimals)
        yield _open_sheet(sheet.name, [PLAIN] * len(sheet.headings))
        yield _write_row([sheet.title], "title")
        yield from (_write_row([line], "line") for line in _list_lines_above(sheet))
        yield _write_heading_row(sheet.headings)
        styles = ["year", *["text"] * (place_count - 1), *(f"dp{dp}" for dp in sheet.decimals)]
        for row in sheet.rows:
            cells = (_write_cell(*cell) for cell in zip(row, styles, strict=True))
            yield f"<table:table-row>{''.join(cells)}</table:table-row>"
        yield "</table:table>"


def _open_sheet(name: str, widths: Iterable[str]) -> str:
    columns = "".join(f'<table:table-column table:style-name="{width}"/>' for width in widths)
    return f'<table:table table:name={quoteattr(name)} table:style-name="sheet">{columns}'


def _write_heading_row(headings: Iterable[str]) -> str:
    """Return the row of column headings, which is repeated on each printed page."""
    row = _write_row(headings, "column")
    return f"<table:table-header-rows>{row}</table:table-header-rows>"


def _write_row(texts: Iterable[str | tuple[str, str]], style: str = "text") -> str:
    cells = "".join(_write_cell(text, style) for text in texts)
    return f"<table:table-row>{cells}</table:table-row>"


def _write_cell(value: Figure | tuple[str, str], style: str) -> str:
    """Return one cell: a number, a text, or a text with the target of its link."""
    if isinstance(value, str):
        kind, text = 'office:value-type="string"', escape(value)
    elif isinstance(value, tuple):
        kind, target = 'office:value-type="string"', quoteattr(value[1])
        text = f'<text:a xlink:type="simple" xlink:href={target}>{escape(value[0])}</text:a>'
    else:
        kind, text = (
            f'office:value-type="float" office:value="{value}"',
            _format_number(value, style),
        )
    return (
        f'<table:table-cell table:style-name="{style}" {kind}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def _format_number(value: float, style: str) -> str:
    """Return a number as readers see it: years without separators, others with their decimals."""
    return str(value) if style == "year" else f"{value:,.{style.removeprefix('dp')}f}"


def _list_ranges(sheets: Iterable[Sheet]) -> list[tuple[str, str]]:
    """Return the name and cell range of each table, by which programs recognise tables."""
    ranges = []
    for sheet in sheets:
        first = 2 + len(_list_lines_above(sheet))
        place = f"'{sheet.name}'"
        end = f"{place}.{_column_letters(len(sheet.headings))}{first + len(sheet.rows)}"
        ranges.append((sheet.table_name, f"{place}.A{first}:{end}"))
    return ranges


def _column_letters(number: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
