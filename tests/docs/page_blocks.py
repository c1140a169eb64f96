"""The blocks of text of an HTML page, whose sentences are measured as those of a text are."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.docs.sentences import Lengths, measure

# Elements that end a sentence, and those that a reader does not read.
BLOCKS = frozenset(
    {"p", "li", "dd", "dt", "td", "th", "h1", "h2", "h3", "h4", "figcaption", "caption"}
    | {"summary", "title", "div", "label", "button"}
)
CODE = "code"
UNREAD = frozenset({"script", "style", "svg", "pre", CODE})


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


def read_blocks(page: str) -> list[str]:
    """The blocks of text of a page, code within a line as one word."""
    return _Blocks(page).found


def measure_page(page: str) -> Lengths:
    """The lengths of the sentences of a page."""
    lengths = [measure(block) for block in read_blocks(page)]
    count = sum(each.count for each in lengths)
    return Lengths(
        count,
        sum(each.mean * each.count for each in lengths) / count,
        max(each.longest for each in lengths),
        tuple(sentence for each in lengths for sentence in each.too_long),
    )
