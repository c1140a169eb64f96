"""The passages of a page (HTML or SVG): its texts, table rows, bars of charts, and attributes."""

from __future__ import annotations

import re
from collections import defaultdict
from html.parser import HTMLParser

from suppression_attack.passages import Passage, build_row, split_sentences

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"p", "li", "dt", "dd", "desc", "text", "title", "td", "th", "caption", "figcaption", "a"}
TEXT_BREAKS = BLOCKS | HEADINGS | {"tr", "table", "svg", "div", "section", "ul", "br"}
TEXT_ATTRIBUTES = ("aria-label", "alt", "title", "content", "value")
EMPTY_TAGS = {"meta", "link", "br", "hr", "img", "input", "wbr", "source", "rect", "line", "path"}
TRANSLATION = re.compile(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
BAR = re.compile(r"M([-\d.]+),([-\d.]+)h([-\d.]+)v([-\d.]+)")


def read_page(text: str) -> list[Passage]:
    """Return the passages of a page."""
    page = _PageParser()
    page.feed(text)
    page.close()
    return page.passages


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
                self.passages += split_sentences(value, self.join_titles())
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
                row = build_row(self.headings, self.row, self.join_titles(), section)
                self.passages.append(row)
            self.row = None
        elif tag == "table":
            self.caption = ""
        elif tag == "svg":
            self._end_chart()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.passages += split_sentences(data, self.join_titles())

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
            self.passages += split_sentences(text, self.join_titles())

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
