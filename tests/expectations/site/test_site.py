"""The quality site loads nothing, leads back to the data, and can be read by everybody."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from expectations.published_marts import NotPublishedError
from expectations.suites import SUITES
from interfaces.quality_site import build_site
from interfaces.quality_site.sections import EMPTY_CELL
from register.settings import Settings
from tests.expectations.conftest import GENERATION_ID, LATER_ID, PLANTED, put_generation
from tests.expectations.reading import FETCHING, Structure

# The names of a spreadsheet's parts begin with this; nothing is fetched from it.
NAMESPACE = "http://schemas.openxmlformats.org/"
ELSEWHERE = re.compile(r"^\s*(https?:|//|ftp:|javascript:)", re.IGNORECASE)


def test_the_site_has_every_page(read: dict[str, Structure]) -> None:
    """Prevents a supplier or suite without a page of its own."""
    suites = {f"suites/{suite.name}.html" for suite in SUITES} | {"suites/index.html"}
    codes = ("213", "373", "E23000001", "E23000011")
    suppliers = {f"suppliers/{code}.html" for code in (*codes, "DFE", "index")}
    rows = {f"rows/{key}.html" for key in (*codes, "nation")} - {"rows/E23000011.html"}
    followed = {name for name in read if name.startswith(("deliveries/", "rules/"))}
    assert len(followed) > 10
    runs = {f"runs/{generation}.html" for generation in (GENERATION_ID, LATER_ID)}
    others = {
        f"{name}.html"
        for name in (
            "index",
            "checks",
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
    areas = {f"areas/{code}.html" for code in ("213", "373", "E23000001", "E92000001", "index")}
    assert set(read) - followed == suites | suppliers | rows | runs | others | areas


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
    assert not any(page.all("iframe", "object", "embed", "img") for page in read.values())
    for path in site.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
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
            result = "/".join(parts)
            if result not in places or (place and place not in places[result]):
                broken.append((name, element.attributes["href"]))
    assert broken == []


def test_no_planted_value_reaches_a_page(site: Path) -> None:
    """Prevents a value of a row, which may name a child, from being shown to auditors."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert PLANTED not in text
        assert not re.search(r"\b[CERAVM]\d{24}\b", text), f"{path.name} shows a key"


def test_suppliers_and_facts_are_shown_by_name(read: dict[str, Structure]) -> None:
    """Prevents tables for which a reader needs the codes of forces, authorities and facts."""
    codes = re.compile(r"(?<![\w-])(E\d{8}|Steelford 373|South 213|Cce|Cse|Uasc)(?![\w-])")
    shown = [
        (name, cell.text)
        for name, page in read.items()
        for cell in page.all("h1", "h2", "h3", "caption", "th", "td")
        if codes.search(cell.text)
    ]
    assert shown == []


def test_names_are_escaped(site: Path) -> None:
    """Prevents a supplier's name that changes the page that shows it."""
    text = (site / "suppliers" / "213.html").read_text(encoding="utf-8")
    assert "North &lt;b&gt;&amp;&lt;/b&gt; South" in text
    assert "<b>" not in text


def test_the_front_page_says_whether_the_register_is_fit(read: dict[str, Structure]) -> None:
    """Prevents a front page that leaves the reader to work it out."""
    text = " ".join("".join(item.text for item in read["checks.html"].all("main")).split())
    assert "Not fit for use" in text
    assert "Few absences that both sources should record were recorded by the police only." in text
    assert "Ridings Police police_reports-E23000011-2025-11-ffffffffffff Rejected" in text
    assert "Steelford Authority extract 2025-Q4 2026-01-12 delivered late" in text
    assert "Known to both 93.3% 46.7%" in text


def test_a_rejected_or_held_delivery_has_its_reason_in_words(read: dict[str, Structure]) -> None:
    """Prevents a rejection, or a delivery that waits for a person, without a reason to act on."""
    text = "".join(item.text for item in read["deliveries.html"].all("main"))
    assert "The file is not well-formed XML" in text
    assert "The delivery is much smaller than the last one" in text


def test_a_break_says_who_announced_it(read: dict[str, Structure]) -> None:
    """Prevents a supplier that announced a change from being asked about it, or about another's."""
    text = " ".join("".join(item.text for item in read["agreement.html"].all("main")).split())
    assert "1 change of level was not announced" in text
    assert "National definitions change in 2025-11." in text
    messages = "Capital Constabulary Police reports Case system 2025-12-20 No 12.0 30.0"
    assert messages in text
    page = read["suppliers/E23000001.html"]
    rows = [" ".join(item.text.split()) for item in page.all("tr")]
    assert "2026-01 Every By the supplier: Case system 12.0 30.0" in rows
    assert "2025-11 Every Yes 12.0 30.0" in rows


def test_the_release_is_compared_with_the_register_by_characteristic(
    read: dict[str, Structure],
) -> None:
    """Prevents a year that nobody delivered from being shown, and a symbol as zero."""
    rows = [" ".join(item.text.split()) for item in read["reconciliation.html"].all("tr")]
    output = [row for row in rows if row.startswith("Missing incidents Age band")]
    assert output == [
        f"Missing incidents Age band 10 to 15 120 118 -2 {EMPTY_CELL}",
        f"Missing incidents Age band 1 to 4 c 2 {EMPTY_CELL} Suppressed",
        "Missing incidents Age band Every 150 120 -30 Unexplained",
    ]


def test_reasons_are_shown_beside_their_baselines_and_name_their_nation(
    read: dict[str, Structure],
) -> None:
    """Prevents a share of right reasons that a rule without any sign nearly reaches."""
    text = " ".join("".join(item.text for item in read["linkage.html"].all("main")).split())
    assert (
        "Measured on the simulated nation of the standard profile, seed 1, "
        "95.8% of 24 disagreements with a known cause have the right reason. A simple rule of "
        "five lines of SQL is right for 87.5% of them. A rule that always gives D1 is right for "
        "79.2%."
    ) in text
    rows = [" ".join(item.text.split()) for item in read["linkage.html"].all("tr")]
    assert "All 24 95.8% (80.0% to 99.0%) 91.7% 87.5% 79.2% 1" in rows


def test_held_out_quality_is_shown_by_group_and_the_worse_nation_first(
    read: dict[str, Structure],
) -> None:
    """Prevents the easier nation from being the headline, or a group without its review."""
    rows = [" ".join(item.text.split()) for item in read["linkage.html"].all("tr")]
    output = "99.0% (98.5% to 99.5%) 85.0% (84.0% to 86.0%) 25.0% 6.2% 12.5"
    # Once as the headline and once among every nation, where alone the easier one is.
    assert rows.count(f"All children Validation, seed 11 1,000 {output}") == 2
    assert sum(row.startswith("All children Training, seed 71") for row in rows) == 1
    assert sum(row.startswith("White British Training, seed 71") for row in rows) == 1
    at_thresholds = "86.0% (85.0% to 87.0%) 87.0% (86.0% to 88.0%) \N{EN DASH}"
    assert f"English Validation, seed 11 {at_thresholds}" in rows


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
    assert "has no table <code>agreement.agg_agreement_by_area_year</code>" in (
        site / "agreement.html"
    ).read_text(encoding="utf-8")
    assert not (site / "rows").exists()


def test_building_before_anything_is_published_says_what_to_do(settings: Settings) -> None:
    """Prevents a traceback in place of an instruction."""
    with pytest.raises(NotPublishedError, match="register load"):
        build_site(settings)


def test_a_year_in_progress_says_how_far_each_source_is(read: dict[str, Structure]) -> None:
    """Prevents the part of a year from being read as a year in which the sources agreed less."""
    message = "in progress: police to 2026-03-31, authorities to 2025-12-31"
    for page, caption in (
        ("index.html", "Children and absences by collection year"),
        ("index.html", "Children by the source that reported an absence"),
        ("agreement.html", "Agreement by collection year"),
        ("measures.html", "The old and the new measure of missing children, England"),
    ):
        (table,) = [item.text for item in read[page].all("table") if caption in item.text]
        assert message in table, (page, caption)
    (full,) = [item.text for item in read["measures.html"].all("table") if "ended" in item.text]
    assert "the whole year" in full
