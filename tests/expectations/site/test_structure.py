"""Every page can be read by everybody: landmarks, headings, tables and charts as structure."""

from __future__ import annotations

from itertools import pairwise

from tests.expectations.reading import Element, Structure


def test_every_page_has_landmarks_a_language_and_a_skip_link(read: dict[str, Structure]) -> None:
    """Prevents pages in which a screen reader cannot find its way."""
    for name, page in read.items():
        assert page.all("html")[0].attributes["lang"] == "en-GB", name
        for landmark in ("header", "main", "footer", "title", "h1"):
            assert len(page.all(landmark)) == 1, (name, landmark)
        assert page.all("nav")[0].attributes["aria-label"] == "Site"
        skip = page.all("a")[0]
        assert skip.attributes["href"] == f"#{page.all('main')[0].attributes['id']}"
        current = [item for item in page.all("a") if "aria-current" in item.attributes]
        assert len(current) == 1, name


def test_headings_descend_one_step_at_a_time(read: dict[str, Structure]) -> None:
    """Prevents an outline with gaps."""
    for name, page in read.items():
        levels = [int(item.name[1]) for item in page.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1, name
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), name


def test_every_table_has_a_caption_and_scoped_headings(read: dict[str, Structure]) -> None:
    """Prevents a cell that is read aloud without its row and column."""
    tables = 0
    for name, page in read.items():
        for table in page.all("table"):
            tables += 1
            assert table.children[0] == "caption", name
        for heading in page.all("th"):
            assert heading.attributes["scope"] == ("col" if "thead" in heading.ancestors else "row")
            assert heading.text.strip(), name
        for region in page.all("div"):
            if region.attributes.get("role") == "region":
                assert region.attributes["aria-label"], name
    assert tables > 50


def test_every_chart_has_a_text_alternative_and_every_id_is_used_once(
    read: dict[str, Structure],
) -> None:
    """Prevents a picture without words for those who do not see it."""
    charts = 0
    for name, page in read.items():
        for chart in page.all("svg"):
            charts += 1
            assert chart.attributes["role"] == "img"
            assert chart.attributes["aria-label"].endswith("The table gives the figures.")
            assert "figure" in chart.ancestors
        identities = [item.attributes["id"] for item in page.elements if "id" in item.attributes]
        assert len(identities) == len(set(identities)), name
        assert all(_has_words(item) for item in page.all("a", "summary")), name
    assert charts >= 6


def _has_words(element: Element) -> bool:
    return bool(element.text.strip())
