"""What the documents of a release say, as passages: rows of tables, sentences, bars of charts.

Pages, texts, spreadsheets and charts are read whole: hidden sheets, comments, properties and
alternative texts too. What a passage means is in `attacked_documents.py`.
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

TEXTS, PAGES, SHEETS = {".md", ".txt"}, {".html", ".htm", ".svg"}, {".xlsx", ".ods"}
# `ties.yaml` has no count in it.
UNREAD = {".yaml"}
SENTENCE = re.compile(r"(?<=[.!?])\s+|;\s+|\n\s*\n")
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"p", "li", "dt", "dd", "desc", "text", "title", "td", "th", "caption", "figcaption", "a"}
SPOKEN = ("aria-label", "alt", "title", "content", "value")
EMPTY = {"meta", "link", "br", "hr", "img", "input", "wbr", "source", "rect", "line", "path"}
MOVE = re.compile(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)")
PLACE = re.compile(r"-?\d+(\.\d+)?")
BAR = re.compile(r"M([-\d.]+),([-\d.]+)h([-\d.]+)v([-\d.]+)")


@dataclass(frozen=True)
class Passage:
    """A sentence, or a row of a table with the heading of each of its cells.

    `title` is what its headings say, `around` the text of its section. A `bar` is one of a chart,
    beside the label that is its text.
    """

    text: str
    title: str = ""
    around: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    is_bar: bool = False


@dataclass(frozen=True)
class Document:
    """A public file that is no data file: its passages, and its sheets as rows of texts."""

    name: str
    passages: tuple[Passage, ...]
    sheets: tuple[tuple[str, ...], ...] = ()


def read_documents(folder: Path) -> Iterator[Document]:
    """Yield the documents of a release's folder: every file that is neither data nor ties.

    Raises `DescriptionError` for a file in a form that cannot be read: what is not looked at
    cannot be found safe.
    """
    data = {path.name.removesuffix(".meta.csv") for path in folder.rglob("*.meta.csv")}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix in UNREAD or path.name.endswith(".meta.csv"):
            continue
        if path.suffix == ".csv":
            if path.name.removesuffix(".csv") not in data:
                yield Document(name, tuple(_csv_passages(path)))
        elif path.suffix in TEXTS:
            yield Document(name, tuple(_text_passages(path.read_text(encoding="utf-8"))))
        elif path.suffix in PAGES:
            yield Document(name, tuple(_page_passages(path.read_text(encoding="utf-8"))))
        elif path.suffix in SHEETS:
            passages, rows = _sheets(path)
            yield Document(name, tuple(passages), tuple(rows))
        else:
            raise DescriptionError(f"{name}: a public file in a form that cannot be read")


def _sentences(text: str, title: str = "", around: str = "") -> Iterator[Passage]:
    for sentence in SENTENCE.split(text):
        words = " ".join(sentence.split())
        if words:
            yield Passage(words, title, around)


def _row(heads: Iterable[str], texts: Iterable[str], title: str, around: str) -> Passage:
    given = list(texts)
    names = [*heads, *[""] * len(given)]
    cells = tuple(zip(names, given, strict=False))
    return Passage(" | ".join(given), title, around, cells)


def _csv_passages(path: Path) -> Iterator[Passage]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row in rows[1:]:
        yield _row(rows[0], row, "", "")


def _text_passages(text: str) -> Iterator[Passage]:
    """Passages of Markdown: headings, tables of pipes, and paragraphs."""
    titles: dict[int, str] = {}
    heads: list[str] = []
    around: list[str] = []
    waiting: list[str] = []

    def told() -> str:
        return " ".join(titles.values())

    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        is_row = stripped.startswith("|")
        if waiting and (not stripped or is_row or stripped.startswith(("#", "- "))):
            paragraph = " ".join(waiting)
            around.append(paragraph)
            waiting = []
            yield from _sentences(paragraph, told())
        if stripped.startswith("#"):
            level = len(stripped) - len(stripped.lstrip("#"))
            titles = {key: words for key, words in titles.items() if key < level}
            titles[level], around, heads = stripped.lstrip("# "), [], []
            yield Passage(titles[level])
        elif is_row:
            texts = [each.strip() for each in stripped.strip("|").split("|")]
            if not heads:
                heads = texts
            elif set("".join(texts)) - set(":- "):
                yield _row(heads, texts, told(), " ".join(around))
        elif stripped:
            waiting.append(stripped.removeprefix("- "))
            heads = []
        else:
            heads = []


class _Page(HTMLParser):
    """Collects the passages of a page and of the charts in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Passage] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.titles: dict[int, str] = {}
        self.around: list[str] = []
        self.words: list[str] = []
        self.caption, self.label = "", ""
        self.heads: list[str] = []
        self.row: list[str] | None = None
        self.is_head = False
        self.labels: list[tuple[float, str]] = []
        self.bars: list[tuple[float, float, float]] = []

    def told(self) -> str:
        return " ".join([*self.titles.values(), self.label, self.caption])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in BLOCKS | HEADINGS | {"tr", "table", "svg", "div", "section", "ul", "br"}:
            self._end_words()
        for name, value in said.items():
            if (name in SPOKEN or name.startswith("data-")) and value:
                self.found += _sentences(value, self.told())
        if tag == "svg":
            self.label, self.labels, self.bars = said.get("aria-label", ""), [], []
        elif tag == "table":
            self.heads, self.caption = [], ""
        elif tag == "tr":
            self.row, self.is_head = [], True
        elif tag == "td":
            self.is_head = False
        elif tag in {"path", "rect"}:
            self._draw(said)
        if tag not in EMPTY:
            self.open.append((tag, said))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._end_words()
        while self.open and any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break
        if tag == "tr" and self.row is not None:
            if self.is_head and not self.heads:
                self.heads = self.row
            else:
                self.found.append(_row(self.heads, self.row, self.told(), " ".join(self.around)))
            self.row = None
        elif tag == "table":
            self.caption = ""
        elif tag == "svg":
            self._end_chart()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.found += _sentences(data, self.told())

    def _end_words(self) -> None:
        text = " ".join("".join(self.words).split())
        self.words = []
        names = [name for name, _ in self.open]
        if self.row is not None and {"td", "th"} & set(names):
            self.row.append(text)
        if not text or "style" in names:
            return
        tag = names[-1] if names else ""
        if tag in HEADINGS:
            level = int(tag[1])
            self.titles = {key: words for key, words in self.titles.items() if key < level}
            self.titles[level], self.around, self.label = text, [], ""
        elif tag == "caption":
            self.caption = text
        elif tag == "text" and self._is_axis():
            self.labels.append((self._height(), text))
            return
        elif "svg" not in names and self.row is None:
            self.around.append(text)
        if self.row is None:
            self.found += _sentences(text, self.told())

    def _is_axis(self) -> bool:
        """Whether a text is a label: older releases have axes of Vega, and later ones names."""
        return any(re.search("axis|names", said.get("class", "")) for _, said in self.open)

    def _height(self) -> float:
        """How far down an element stands: by the moves of what it is in, and by its own place."""
        moves = [MOVE.search(said.get("transform", "")) for _, said in self.open]
        own = PLACE.fullmatch(self.open[-1][1].get("y", ""))
        return sum(float(found[2]) for found in moves if found) + float(own[0] if own else 0)

    def _draw(self, said: dict[str, str]) -> None:
        """Keep a bar, which is a path or a rectangle: where it is, and how long."""
        rectangle = "M{x},{y}h{width}v{height}".format_map(defaultdict(str, said))
        found = BAR.match(said.get("d", rectangle))
        if found and any("mark" in said.get("class", "") for _, said in self.open):
            top = self._height() + float(found[2])
            if float(found[3]):
                self.bars.append((top, top + float(found[4]), float(found[3])))

    def _end_chart(self) -> None:
        """The bar of each label: a label stands beside the bar that is at its height."""
        for height, text in self.labels:
            if any(top <= height <= bottom for top, bottom, _ in self.bars):
                self.found.append(Passage(text, self.told(), is_bar=True))
        self.label, self.labels, self.bars = "", [], []


def _page_passages(text: str) -> list[Passage]:
    page = _Page()
    page.feed(text)
    page.close()
    return page.found


def _sheets(path: Path) -> tuple[list[Passage], list[tuple[str, ...]]]:
    """The rows of all sheets, hidden ones too, and as passages whatever else the file says."""
    passages: list[Passage] = []
    rows: list[tuple[str, ...]] = []
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        strings = list(_strings(archive)) if "xl/sharedStrings.xml" in names else []
        for name in names:
            with archive.open(name) as stream:
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    rows += _workbook_rows(stream, strings)
                elif name == "content.xml":
                    rows += _opendocument_rows(stream)
                elif name.endswith(".xml") and not name.startswith(("xl/styles", "xl/theme")):
                    passages += _texts_of(stream, but_strings=name == "xl/sharedStrings.xml")
    return passages, rows


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _strings(archive: zipfile.ZipFile) -> Iterator[str]:
    with archive.open("xl/sharedStrings.xml") as stream:
        for _, element in ElementTree.iterparse(stream):
            if _tag(element) == "si":
                yield "".join(element.itertext())
                element.clear()


def _texts_of(stream: IO[bytes], *, but_strings: bool) -> Iterator[Passage]:
    """Comments, properties, names: each text of a part by itself."""
    if but_strings:
        return
    for _, element in ElementTree.iterparse(stream):
        if element.text and element.text.strip():
            yield from _sentences(element.text)


def _workbook_rows(stream: IO[bytes], strings: list[str]) -> Iterator[tuple[str, ...]]:
    for _, element in ElementTree.iterparse(stream):
        if _tag(element) == "row":
            yield tuple(_workbook_cell(cell, strings) for cell in element)
            element.clear()


def _workbook_cell(cell: Any, strings: list[str]) -> str:
    # A value, or an inline text; a formula is text too.
    text = "".join(cell.itertext())
    return strings[int(text)] if cell.get("t") == "s" else text


def _opendocument_rows(stream: IO[bytes]) -> Iterator[tuple[str, ...]]:
    for _, element in ElementTree.iterparse(stream):
        if _tag(element) == "table-row":
            yield tuple(_opendocument_cells(element))
            element.clear()


def _opendocument_cells(row: Any) -> Iterator[str]:
    for cell in row:
        attributes = {key.rpartition("}")[2]: value for key, value in cell.attrib.items()}
        text = attributes.get("value") or "".join(cell.itertext()).strip()
        times = int(attributes.get("number-columns-repeated", "1"))
        yield from [text] * (times if text else 1)
