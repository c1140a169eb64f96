"""Plain English on the site: no sentence above 25 words on any page."""

from __future__ import annotations

from pathlib import Path

from tests.docs.page_blocks import measure_page, read_blocks
from tests.docs.sentences import words

GREATEST_MEAN = 12.0


def test_every_page_has_short_sentences(site: Path) -> None:
    """Prevents pages that a director of children's services gives up on."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    too_long: dict[str, str] = {}
    means = {}
    for page in pages:
        lengths = measure_page(page.read_text(encoding="utf-8"))
        name = page.relative_to(site).as_posix()
        too_long |= dict.fromkeys(lengths.too_long, name)
        means[name] = lengths.mean
    assert too_long == {}, sorted(too_long)
    assert max(means.values()) <= GREATEST_MEAN


def test_a_block_of_a_page_is_read_as_a_reader_does() -> None:
    """Prevents sentences that are cut at a link, or run on from one cell to the next."""
    page = "<p>One <a href='x'>link</a> and <code>register load --x</code>.</p><td>a</td><td>b</td>"
    assert read_blocks(page) == ["One link and code.", "a", "b"]
    assert words(read_blocks(page)[0]) == 4
