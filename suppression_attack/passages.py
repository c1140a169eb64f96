"""The texts of a release's documents as passages: sentences, table rows and bars of charts.

Everything in pages, texts and spreadsheets is read, including hidden sheets, comments, properties
and alternative texts. `attacked_documents.py` interprets the passages.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any

from defusedxml import ElementTree

from suppression_attack.description import DescriptionError

TEXT_FILES, PAGES, SPREADSHEETS = {".md", ".txt"}, {".html", ".htm", ".svg"}, {".xlsx", ".ods"}
# Files that are not read. The only such file is `ties.yaml`, which contains no counts.
NOT_READ = {".yaml"}
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|;\s+|\n\s*\n")
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"p", "li", "dt", "dd", "desc", "text", "title", "td", "th", "caption", "figcaption", "a"}
TEXT_BREAKS = BLOCKS | HEADINGS | {"tr", "table", "svg", "div", "section", "ul", "br"}
TEXT_ATTRIBUTES = ("aria-label", "alt", "title", "content", "value")
EMPTY_TAGS = {"meta", "link", "br", "hr", "img", "input", "wbr", "source", "rect", "line", "path"}
TRANSLATION = re.compile(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
BAR = re.compile(r"M([-\d.]+),([-\d.]+)h([-\d.]+)v([-\d.]+)")


@dataclass(frozen=True)
class Passage:
    """A sentence, or a table row with a heading for each of its cells.

    `title` is the text of the document's headings, and `section` the heading of the passage's
    section. With `is_bar` the passage is a bar of a chart, and `text` is the bar's label.
    """

    text: str
    title: str = ""
    section: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    is_bar: bool = False


@dataclass(frozen=True)
class Document:
    """A public file other than data: its passages, and the rows of its sheets as texts."""

    name: str
    passages: tuple[Passage, ...]
    sheet_rows: tuple[tuple[str, ...], ...] = ()


def read_documents(folder: Path) -> Iterator[Document]:
    """Yield the documents in a release's folder: every file except data and `ties.yaml`.

    Raises `DescriptionError` for an unreadable file, because it may contain anything.
    """
    data_files = {path.name.removesuffix(".meta.csv") for path in folder.rglob("*.meta.csv")}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix in NOT_READ or path.name.endswith(".meta.csv"):
            continue
        if path.suffix == ".csv":
            if path.name.removesuffix(".csv") not in data_files:
                yield Document(name, tuple(_read_csv(path)))
        elif path.suffix in TEXT_FILES:
            yield Document(name, tuple(_read_markdown(path.read_text(encoding="utf-8"))))
        elif path.suffix in PAGES:
            page = _PageParser()
            page.feed(path.read_text(encoding="utf-8"))
            page.close()
            yield Document(name, tuple(page.passages))
        elif path.suffix in SPREADSHEETS:
            passages, rows = _read_spreadsheet(path)
            yield Document(name, tuple(passages), tuple(rows))
        else:
            raise DescriptionError(f"{name}: a public file of a kind that cannot be read")


def _split_sentences(text: str, title: str = "") -> Iterator[Passage]:
    for sentence in SENTENCE_END.split(text):
        words = " ".join(sentence.split())
        if words:
            yield Passage(words, title)


def _build_row(headings: Iterable[str], texts: list[str], title: str, section: str) -> Passage:
    names = [*headings, *[""] * len(texts)]
    cells = tuple(zip(names, texts, strict=False))
    return Passage(" | ".join(texts), title, section, cells)


def _read_csv(path: Path) -> Iterator[Passage]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row in rows[1:]:
        yield _build_row(rows[0], row, "", "")


def _read_markdown(text: str) -> Iterator[Passage]:
    """Yield the headings, table rows and sentences of a Markdown text."""
    titles: dict[int, str] = {}
    headings: list[str] = []
    section: list[str] = []
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        is_row = stripped.startswith("|")
        if paragraph and (not stripped or is_row or stripped.startswith(("#", "- "))):
            section.append(" ".join(paragraph))
            paragraph = []
            yield from _split_sentences(section[-1], " ".join(titles.values()))
        if stripped.startswith("#"):
            level = len(stripped) - len(stripped.lstrip("#"))
            titles = {key: title for key, title in titles.items() if key < level}
            titles[level], section, headings = stripped.lstrip("# "), [], []
            yield Passage(titles[level])
        elif is_row:
            texts = [cell.strip() for cell in stripped.strip("|").split("|")]
            if not headings:
                headings = texts
            elif set("".join(texts)) - set(":- "):
                yield _build_row(headings, texts, " ".join(titles.values()), " ".join(section))
        else:
            headings = []
            if stripped:
                paragraph.append(stripped.removeprefix("- "))


class _PageParser(HTMLParser):
    """The parser that collects the passages of a page and of its charts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self.open_tags: list[tuple[str, dict[str, str]]] = []
        self.titles: dict[int, str] = {}
        self.section: list[str] = []
        self.text: list[str] = []
        self.caption, self.chart_label = "", ""
        self.headings: list[str] = []
        self.row: list[str] | None = None
        self.is_heading_row = False
        # For the current chart: each label with its height, and each bar with its top and bottom.
        self.labels: list[tuple[float, str]] = []
        self.bars: list[tuple[float, float]] = []

    def join_titles(self) -> str:
        return " ".join([*self.titles.values(), self.chart_label, self.caption])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in TEXT_BREAKS:
            self._end_text()
        for name, value in attributes.items():
            if (name in TEXT_ATTRIBUTES or name.startswith("data-")) and value:
                self.passages += _split_sentences(value, self.join_titles())
        if tag == "svg":
            self.chart_label = attributes.get("aria-label", "")
            self.labels, self.bars = [], []
        elif tag == "table":
            self.headings, self.caption = [], ""
        elif tag == "tr":
            self.row, self.is_heading_row = [], True
        elif tag == "td":
            self.is_heading_row = False
        elif tag in {"path", "rect"}:
            self._add_bar(attributes)
        if tag not in EMPTY_TAGS:
            self.open_tags.append((tag, attributes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY_TAGS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        while self.open_tags and any(name == tag for name, _ in self.open_tags):
            if self.open_tags.pop()[0] == tag:
                break
        if tag == "tr" and self.row is not None:
            if self.is_heading_row and not self.headings:
                self.headings = self.row
            else:
                section = " ".join(self.section)
                row = _build_row(self.headings, self.row, self.join_titles(), section)
                self.passages.append(row)
            self.row = None
        elif tag == "table":
            self.caption = ""
        elif tag == "svg":
            self._end_chart()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.passages += _split_sentences(data, self.join_titles())

    def _end_text(self) -> None:
        text = " ".join("".join(self.text).split())
        self.text = []
        names = [name for name, _ in self.open_tags]
        if self.row is not None and {"td", "th"} & set(names):
            self.row.append(text)
        if not text or "style" in names:
            return
        tag = names[-1] if names else ""
        if tag in HEADINGS:
            level = int(tag[1])
            self.titles = {key: title for key, title in self.titles.items() if key < level}
            self.titles[level], self.section, self.chart_label = text, [], ""
        elif tag == "caption":
            self.caption = text
        elif tag == "text" and self._is_chart_label():
            self.labels.append((self._compute_height(), text))
            return
        elif "svg" not in names and self.row is None:
            self.section.append(text)
        if self.row is None:
            self.passages += _split_sentences(text, self.join_titles())

    def _is_chart_label(self) -> bool:
        """Return whether a text labels a bar.

        The text or a parent then has the class `names` or, in a chart of an older release (Vega),
        `axis`.
        """
        classes = (attributes.get("class", "") for _, attributes in self.open_tags)
        return any(re.search("axis|names", name) for name in classes)

    def _compute_height(self) -> float:
        """Return an element's vertical position: its own y plus its ancestors' translations."""
        transforms = [attributes.get("transform", "") for _, attributes in self.open_tags]
        moves = [float(match[2]) for match in map(TRANSLATION.search, transforms) if match]
        own = NUMBER.fullmatch(self.open_tags[-1][1].get("y", ""))
        return sum(moves) + float(own[0] if own else 0)

    def _add_bar(self, attributes: dict[str, str]) -> None:
        """Record the position of a bar (a path or a rectangle), unless its length is 0."""
        rectangle = "M{x},{y}h{width}v{height}".format_map(defaultdict(str, attributes))
        bar = BAR.match(attributes.get("d", rectangle))
        if bar and any("mark" in parent.get("class", "") for _, parent in self.open_tags):
            top = self._compute_height() + float(bar[2])
            if float(bar[3]):
                self.bars.append((top, top + float(bar[4])))

    def _end_chart(self) -> None:
        """Add a passage for each label that has a bar at its height."""
        for height, text in self.labels:
            if any(top <= height <= bottom for top, bottom in self.bars):
                self.passages.append(Passage(text, self.join_titles(), is_bar=True))
        self.chart_label, self.labels, self.bars = "", [], []


def _read_spreadsheet(path: Path) -> tuple[list[Passage], list[tuple[str, ...]]]:
    """Return the rows of all sheets, including hidden ones, and all other texts as passages."""
    passages: list[Passage] = []
    rows: list[tuple[str, ...]] = []
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        strings: list[str] = []
        if "xl/sharedStrings.xml" in names:
            with archive.open("xl/sharedStrings.xml") as stream:
                items = _iterate_elements(stream, "si")
                strings = ["".join(item.itertext()) for item in items]
        for name in names:
            with archive.open(name) as stream:
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    rows += (
                        tuple(_read_workbook_cell(cell, strings) for cell in row)
                        for row in _iterate_elements(stream, "row")
                    )
                elif name == "content.xml":
                    elements = _iterate_elements(stream, "table-row")
                    rows += (tuple(_read_opendocument_cells(row)) for row in elements)
                elif name.endswith(".xml") and not name.startswith(
                    ("xl/styles", "xl/theme", "xl/sharedStrings.xml")
                ):
                    for _, element in ElementTree.iterparse(stream):
                        passages += _split_sentences(element.text or "")
    return passages, rows


def _iterate_elements(stream: IO[bytes], tag: str) -> Iterator[Any]:
    """Yield the elements with a tag, and free each element's memory after its use."""
    for _, element in ElementTree.iterparse(stream):
        if str(element.tag).rpartition("}")[2] == tag:
            yield element
            element.clear()


def _read_workbook_cell(cell: Any, strings: list[str]) -> str:
    # The text of a cell is its value, its inline text, or its formula with the value. The value of
    # a cell of type `s` is an index into the shared strings.
    text = "".join(cell.itertext())
    return strings[int(text)] if cell.get("t") == "s" else text


def _read_opendocument_cells(row: Any) -> Iterator[str]:
    for cell in row:
        attributes = {key.rpartition("}")[2]: value for key, value in cell.attrib.items()}
        text = attributes.get("value") or "".join(cell.itertext()).strip()
        times = int(attributes.get("number-columns-repeated", "1"))
        yield from [text] * (times if text else 1)
