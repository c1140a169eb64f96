"""The accessible spreadsheet of a release as OpenDocument, the government's format for editing.

The standard library writes it, for gptables cannot (decision 50): a package of five parts, of which
`content.xml` has a table a sheet. The parts that never change are files in `templates/`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.guidance import notes
from official_statistics.documents.public_files import PublicFile
from official_statistics.documents.sheets import (
    AUTHOR,
    INSTRUCTIONS,
    LANGUAGE,
    MADE_AT,
    SOURCE,
    ZIP_DATE,
    Figure,
    Sheet,
    cover_text,
    note_rows,
    sheets_of,
    subject_of,
)

TEMPLATES = Path(__file__).with_name("templates") / "opendocument"
TYPE = "application/vnd.oasis.opendocument.spreadsheet"
# Widths of columns: of texts, and of figures (styles of content.xml).
WIDE, PLAIN = "wide", "plain"


def write_opendocument(facts: ReleaseFacts, files: Mapping[str, PublicFile], path: Path) -> None:
    """Write the spreadsheet to `path`. The same files and facts give the same bytes."""
    sheets = list(sheets_of(facts, files))
    parts = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True
    )
    head, tail = (
        parts.get_template("content.xml.j2").render(ranges=_ranges(sheets)).split("<!-- -->")
    )
    properties = {
        "title": facts.title,
        "subject": subject_of(facts),
        "author": AUTHOR,
        "language": LANGUAGE,
        "made_at": f"{MADE_AT:%Y-%m-%dT%H:%M:%S}",
    }
    with zipfile.ZipFile(path, "w") as package:
        # A reader tells the format by the first part, which is not compressed.
        package.writestr(zipfile.ZipInfo("mimetype", ZIP_DATE), TYPE)
        for name in ("META-INF/manifest.xml", "meta.xml", "styles.xml"):
            text = parts.get_template(f"{Path(name).name}.j2").render(type=TYPE, **properties)
            package.writestr(_entry(name), text)
        with package.open(_entry("content.xml"), "w", force_zip64=True) as part:
            for text in (head, *_front(facts, files, sheets), *_tables(sheets), tail):
                part.write(text.encode())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _front(
    facts: ReleaseFacts, files: Mapping[str, PublicFile], sheets: Iterable[Sheet]
) -> Iterator[str]:
    """Cover, contents and notes."""
    said = cover_text(facts)
    yield _sheet("Cover", [WIDE])
    yield _row([facts.title], "title")
    for heading, lines in (
        ("Introduction", said.introduction),
        ("Symbols", said.symbols),
        ("Contact", (said.contact,)),
    ):
        yield _row([heading], "heading")
        yield from (_row([line]) for line in lines)
    yield "</table:table>"
    yield _sheet("Contents", [PLAIN, WIDE])
    yield _row(["Table of contents"], "title")
    yield _row(["This sheet has one table."])
    yield _head(["Sheet name", "Table description"])
    yield _row([("Notes", "#Notes.A1"), "Notes used in this workbook"])
    for sheet in sheets:
        yield _row([(sheet.name, f"#'{sheet.name}'.A1"), sheet.title])
    yield "</table:table>"
    yield _sheet("Notes", [PLAIN, WIDE])
    yield _row(["Notes"], "title")
    yield _row(["This sheet has one table."])
    yield _head(["Note reference", "Note text"])
    yield from (_row(row) for row in note_rows(files))
    yield "</table:table>"


def _above(sheet: Sheet) -> list[str]:
    """What is said between the title and the table of a sheet."""
    references = " ".join(f"[{name}]" for name in sheet.notes)
    lines = [sheet.years, INSTRUCTIONS, notes()["scope"], SOURCE]
    return [*lines, *([f"Notes: {references}"] if references else [])]


def _tables(sheets: Iterable[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        places = len(sheet.headings) - len(sheet.decimals)
        yield _sheet(sheet.name, [PLAIN] * len(sheet.headings))
        yield _row([sheet.title], "title")
        yield from (_row([line], "line") for line in _above(sheet))
        yield _head(sheet.headings)
        styles = ["year", *["text"] * (places - 1), *(f"dp{one}" for one in sheet.decimals)]
        for row in sheet.rows:
            cells = zip(row, styles, strict=True)
            yield f"<table:table-row>{''.join(_cell(*one) for one in cells)}</table:table-row>"
        yield "</table:table>"


def _sheet(name: str, widths: Iterable[str]) -> str:
    columns = "".join(f'<table:table-column table:style-name="{width}"/>' for width in widths)
    return f'<table:table table:name={quoteattr(name)} table:style-name="sheet">{columns}'


def _head(headings: Iterable[str]) -> str:
    """The row that names the columns of a table, repeated on each printed page."""
    row = _row(headings, "column")
    return f"<table:table-header-rows>{row}</table:table-header-rows>"


def _row(texts: Iterable[str | tuple[str, str]], style: str = "text") -> str:
    cells = "".join(_cell(text, style) for text in texts)
    return f"<table:table-row>{cells}</table:table-row>"


def _cell(value: Figure | tuple[str, str], style: str) -> str:
    """One cell: a number, a text, or a text with the place that it leads to."""
    if isinstance(value, str):
        kind, text = 'office:value-type="string"', escape(value)
    elif isinstance(value, tuple):
        kind, target = 'office:value-type="string"', quoteattr(value[1])
        text = f'<text:a xlink:type="simple" xlink:href={target}>{escape(value[0])}</text:a>'
    else:
        kind, text = f'office:value-type="float" office:value="{value}"', _shown(value, style)
    return (
        f'<table:table-cell table:style-name="{style}" {kind}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def _shown(value: float, style: str) -> str:
    """A number as a reader sees it: years plain, others by their decimals."""
    return str(value) if style == "year" else f"{value:,.{style.removeprefix('dp')}f}"


def _ranges(sheets: Iterable[Sheet]) -> list[tuple[str, str]]:
    """Name and place of each table, so that software finds it as one."""
    found = []
    for sheet in sheets:
        first = 2 + len(_above(sheet))
        place = f"'{sheet.name}'"
        end = f"{place}.{_letters(len(sheet.headings))}{first + len(sheet.rows)}"
        found.append((sheet.table_name, f"{place}.A{first}:{end}"))
    return found


def _letters(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
