"""The quality site stands alone, leads back to the data, and can be read by everybody."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path, PurePosixPath

import duckdb
import pytest

from expectations.docs_site.samples import ROWS_EACH
from expectations.read import REGISTER_FILE, NotPublishedError
from expectations.site import build_site
from expectations.suites import SUITES
from register.publishing.figure import trace_figure
from register.publishing.generations import current_generation
from register.settings import Settings
from tests.expectations.conftest import GENERATION_ID, LATER_ID, PLANTED, put_generation
from tests.expectations.reading import FETCHING, Element, Structure, pages

ELSEWHERE = re.compile(r"^\s*(https?:|//|ftp:|javascript:)", re.IGNORECASE)


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Structure]:
    """The pages as their structure."""
    return pages(site)


def test_the_site_has_every_page(read: dict[str, Structure]) -> None:
    """Prevents a supplier or suite without a page of its own."""
    suites = {f"suites/{suite.name}.html" for suite in SUITES} | {"suites/index.html"}
    codes = ("213", "373", "E23000001", "E23000011")
    suppliers = {f"suppliers/{code}.html" for code in (*codes, "DFE", "index")}
    rows = {f"rows/{key}.html" for key in (*codes, "nation")} - {"rows/E23000011.html"}
    runs = {f"runs/{generation}.html" for generation in (GENERATION_ID, LATER_ID)}
    others = {
        f"{name}.html"
        for name in (
            "index",
            "agreement",
            "linkage",
            "measures",
            "reconciliation",
            "audit",
            "deliveries",
            "history",
            "method",
        )
    }
    assert set(read) == suites | suppliers | rows | runs | others


def test_nothing_is_loaded_from_elsewhere(site: Path, read: dict[str, Structure]) -> None:
    """Prevents a page that tells another host who reads it, or is empty without a network."""
    wrong = [
        (name, element.name, value)
        for name, page in read.items()
        for element in page.elements
        for attribute, value in element.attributes.items()
        if attribute in FETCHING and ELSEWHERE.match(value)
    ]
    assert wrong == []
    assert not any(page.all("script", "iframe", "object", "embed", "img") for page in read.values())
    for path in site.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"https?:|@import|url\(", text), path.name


def test_every_link_leads_to_a_page_and_place_of_the_site(read: dict[str, Structure]) -> None:
    """Prevents a link that an auditor follows into nothing."""
    places = {
        name: {element.attributes.get("id") for element in page.elements}
        for name, page in read.items()
    }
    broken = []
    for name, page in read.items():
        for element in page.all("a", "link"):
            target, _, place = element.attributes["href"].partition("#")
            if target.startswith("data:") or target.endswith("style.css"):
                continue
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / target).parts if target else [name]:
                if part == "..":
                    parts.pop()
                else:
                    parts.append(part)
            found = "/".join(parts)
            if found not in places or (place and place not in places[found]):
                broken.append((name, element.attributes["href"]))
    assert broken == []


def test_no_planted_value_reaches_a_page(site: Path) -> None:
    """Prevents a value of a row, which may name a child, from being shown to auditors."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert PLANTED not in text
        assert not re.search(r"\b[CERAVM]\d{24}\b", text), f"{path.name} shows a key"


def test_names_are_escaped(site: Path) -> None:
    """Prevents a supplier's name that changes the page it stands on."""
    text = (site / "suppliers" / "213.html").read_text(encoding="utf-8")
    assert "North &lt;b&gt;&amp;&lt;/b&gt; South" in text
    assert "<b>" not in text


def test_every_figure_names_a_mart_and_a_filter_that_find_rows(
    site: Path, read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents a figure that cannot be followed back to its rows."""
    sources = 0
    folder = scratch_settings.published / "current"
    with duckdb.connect(str(folder / REGISTER_FILE), read_only=True) as connection:
        for name, page in read.items():
            codes = [
                element.text
                for element in page.all("code")
                if element.text.startswith("select ") and "read_parquet" not in element.text
            ]
            for query in codes:
                sources += 1
                assert connection.execute(query).description, (name, query)
    assert sources > 100
    without = {"history.html", "method.html", "audit.html", "suites/index.html"}
    figures = [name for name in read if name not in without and not name.startswith("runs/")]
    for name in figures:
        assert any(item.attributes.get("class") == "source" for item in read[name].all("details"))


def test_every_command_of_a_figure_can_be_followed(
    read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents a command under a figure that its own register refuses."""
    generation = current_generation(scratch_settings)
    assert generation is not None
    commands = {
        element.text
        for page in read.values()
        for element in page.all("code")
        if element.text.startswith("register trace --mart ") and "…" not in element.text
    }
    assert len(commands) > 20
    for command in sorted(commands):
        _, _, _, mart, *where = shlex.split(command)
        found = trace_figure(generation, mart, where[1] if where else "true", 1)
        assert found.row_count >= 0


def test_rows_shown_are_those_that_the_command_lists_first(
    read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents an auditor from being shown other lines than the command's."""
    generation = current_generation(scratch_settings)
    assert generation is not None
    where = (
        "is_police_expected and is_authority_expected and collection_year = '2025-26' "
        "and status = 'both'"
    )
    found = trace_figure(generation, "agreement.fct_agreement", where, ROWS_EACH)
    listed = [(line.file_name, str(line.row_number)) for row in found.rows for line in row.lines]
    tables = [item.text for item in read["rows/nation.html"].all("table")]
    (table,) = [text for text in tables if text.split(":")[0].strip() == "Held by both"]
    shown = [(name, row) for name, row in pairwise(table.split()) if name.endswith(".csv")]
    assert sorted(shown) == sorted(listed)


def test_the_front_page_says_whether_the_register_is_fit(read: dict[str, Structure]) -> None:
    """Prevents a front page that leaves the reader to work it out."""
    text = " ".join("".join(item.text for item in read["index.html"].all("main")).split())
    assert "Not fit for use" in text
    assert "Few absences that the authority should hold are known to the police only." in text
    assert "Ridings Police E23000011 police_reports-E23000011-2025-11-ffffffffffff Rejected" in text
    assert "Steelford 373 Authority extract 2025-Q4 2026-01-12 delivered late" in text
    assert "Share of episodes held by both 93.3% 46.7%" in text


def test_a_rejected_delivery_has_its_reason_in_words(read: dict[str, Structure]) -> None:
    """Prevents a rejection that nobody can act on."""
    text = "".join(item.text for item in read["deliveries.html"].all("main"))
    assert "The file is not well-formed XML" in text


def test_history_shows_every_generation(read: dict[str, Structure]) -> None:
    """Prevents a site that forgets how the register was judged before."""
    rows = [item.text for item in read["history.html"].all("tr")]
    assert any("20261124T080000-000001" in row and "93.3%" in row for row in rows)
    assert any("20261125T080000-000001" in row and "46.7%" in row for row in rows)


def test_building_again_gives_the_same_site(scratch_settings: Settings, site: Path) -> None:
    """Prevents pages that differ without anything having changed, and remains of old builds."""
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    build_site(scratch_settings)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert [path.name for path in scratch_settings.quality.glob(".site-*")] == []


def test_a_generation_that_lacks_a_mart_or_a_column_is_shown_all_the_same(
    settings: Settings, sound_file: Path
) -> None:
    """Prevents a site that cannot show the generation that readers were put back to."""
    put_generation(
        settings,
        sound_file,
        GENERATION_ID,
        "alter table quality.agg_completeness_by_supplier drop column other_count",
        "drop table agreement.agg_agreement_by_area_year",
        "alter table register.fct_reports drop column row_number",
    )
    site = build_site(settings).parent
    assert "does not hold agreement.agg_agreement_by_area_year" in (
        site / "agreement.html"
    ).read_text(encoding="utf-8")
    assert not (site / "rows").exists()


def test_building_before_anything_is_published_says_what_to_do(settings: Settings) -> None:
    """Prevents a traceback in place of an instruction."""
    with pytest.raises(NotPublishedError, match="register load"):
        build_site(settings)


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
    """Prevents a picture that says nothing to those who do not see it."""
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
