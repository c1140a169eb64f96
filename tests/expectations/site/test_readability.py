"""Plain English on the site: no sentence above 25 words on any page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from tests.docs.sentences import measure, words

# Elements that end a sentence, and those that a reader does not read.
BLOCKS = frozenset(
    {"p", "li", "dd", "dt", "td", "th", "h1", "h2", "h3", "h4", "figcaption", "caption"}
    | {"summary", "title", "div", "label", "button"}
)
CODE = "code"
UNREAD = frozenset({"script", "style", "svg", "pre", CODE})
GREATEST_MEAN = 12.0


class _Blocks(HTMLParser):
    """The blocks of text of a page, code within a line as one word."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._unread = 0
        self.feed(page)
        self._end_block()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begin a block, or what is not read."""
        if tag in UNREAD:
            self._unread += 1
        elif tag in BLOCKS:
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        """End a block, or what is not read."""
        if tag in UNREAD:
            self._unread -= 1
            self._parts.append("code" if tag == CODE else "")
        elif tag in BLOCKS:
            self._end_block()

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._unread:
            self._parts.append(data)

    def _end_block(self) -> None:
        text = " ".join("".join(self._parts).split())
        if text:
            self.found.append(text)
        self._parts = []


def test_every_page_has_short_sentences(site: Path) -> None:
    """Prevents pages that a director of children's services gives up on."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    too_long: dict[str, str] = {}
    means = {}
    for page in pages:
        blocks = _Blocks(page.read_text(encoding="utf-8")).found
        lengths = [measure(block) for block in blocks]
        name = page.relative_to(site).as_posix()
        too_long |= {sentence: name for each in lengths for sentence in each.too_long}
        counted = sum(each.count for each in lengths)
        means[name] = sum(each.mean * each.count for each in lengths) / counted
    assert too_long == {}, sorted(too_long)
    assert max(means.values()) <= GREATEST_MEAN


def test_a_block_of_a_page_is_read_as_a_reader_does() -> None:
    """Prevents sentences that are cut at a link, or run on from one cell to the next."""
    page = "<p>One <a href='x'>link</a> and <code>register load --x</code>.</p><td>a</td><td>b</td>"
    assert _Blocks(page).found == ["One link and code.", "a", "b"]
    assert words(_Blocks(page).found[0]) == 4
