"""The pages of areas: each sentence follows from shown figures, and each page fits on one sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from official_statistics.documents import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    read_public_files,
)
from official_statistics.documents.area_comparison import (
    ComparedRate,
    compare_interval,
    compare_years,
    find_median,
)
from official_statistics.documents.area_figures import AreaRate
from official_statistics.documents.area_pages import build_area_pages
from official_statistics.documents.area_sentences import read_area_sentences
from official_statistics.documents.release_pages import Inputs, Page
from tests.statistics.documents.area_examples import (
    DERBY,
    FORCE,
    HIDDEN,
    HULL,
    IN_CARE,
    LEEDS,
    NOT_DELIVERED,
    PER_CHILD,
    SILENT_FORCE,
    USUAL,
    YORK,
    Figures,
    Key,
    describe_rate,
    write_areas,
)
from tests.statistics.documents.conftest import MakeRelease

PROVISIONAL = "Two authorities have not delivered."
COUNT = (
    "In the year ending 31 March 2026, 140 children went missing in Leeds, 1.40 per 1,000 children"
    " aged 0 to 17."
)
CHANGE = (
    "More children went missing in Leeds in the year ending 31 March 2026 (140) than in the year"
    " ending 31 March 2025 (100)."
)
ABOVE = (
    "The missing rate of Leeds (1.40 per 1,000 aged 0 to 17) is above the median of three of its"
    " four statistical neighbours (1.00)."
)
IN_CARE_COUNT = (
    "In the year ending 31 March 2026, 60 looked-after children went missing in Leeds, 12.00 per"
    " 100 looked-after children."
)
MakePages = Callable[..., dict[str, Page]]


@pytest.fixture
def make_pages(
    make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality, quality: QualityFacts
) -> MakePages:
    """Return what builds the pages of areas with the usual figures, save those that are passed."""
    numbers = count()

    def make(changes: Figures | None = None, of: ReleaseFacts = facts) -> dict[str, Page]:
        public = make_release(name=f"public_{next(numbers)}")
        write_areas(public, {**USUAL, **(changes or {})})
        files = read_public_files(public)
        pages = build_area_pages(Inputs(of, quality, done, files, public))
        return {page.path.removeprefix("areas/").removesuffix(".html"): page for page in pages}

    return make


def _texts(page: Page) -> list[str]:
    return [sentence.text for sentence in _list_values(page, "sentences")]


def _list_values(page: Page, name: str) -> list[Any]:
    values = page.values[name]
    assert isinstance(values, list | tuple)
    return list(values)


def _change(key: Key, changes: Mapping[str, str]) -> Figures:
    return {key: dict(USUAL[key]) | dict(changes)}


def test_an_authority_s_sentences_say_its_figures(make_pages: MakePages) -> None:
    """Prevents a quotation that is not what the files show."""
    assert _texts(make_pages()[LEEDS]) == [COUNT, CHANGE, ABOVE]


def test_a_provisional_year_is_not_compared(make_pages: MakePages, facts: ReleaseFacts) -> None:
    """Prevents a change that only says that some have not delivered yet."""
    pages = make_pages(of=replace(facts, provisional_reason=PROVISIONAL))
    assert _texts(pages[LEEDS]) == [COUNT, ABOVE, IN_CARE_COUNT]
    assert {row[4] for row in _list_values(pages[LEEDS], "rows")} == {"provisional"}


def _rate(count: str, lower: str = "1.18", upper: str = "1.65") -> dict[str, str]:
    return describe_rate(count, "1.40", (lower, upper), "100000")


NOW, BEFORE = (LEEDS, "2026", PER_CHILD), (LEEDS, "2025", PER_CHILD)
FEW_NEIGHBOURS: Figures = {(HULL, "2026", PER_CHILD): HIDDEN}
FORCE_NOW = (FORCE, "2026", "Total")
YORK_HIDDEN: Figures = {(YORK, "2026", basis): HIDDEN for basis in (PER_CHILD, IN_CARE)}
# The area, changed figures and a sentence that the page must have.
SAID: list[tuple[str, Figures, str]] = [
    (LEEDS, {NOW: HIDDEN | {"child_count": "140"}}, "140 children went missing in Leeds."),
    (LEEDS, {NOW: _rate("0") | {"child_rate": "0.00"}}, "0 children went missing in Leeds, 0.00"),
    (LEEDS, {NOW: _rate("135")}, "no clear change from the year ending March 2025 (100)"),
    (LEEDS, {NOW: _rate("70")}, "no clear change"),
    (LEEDS, {NOW: _rate("65")}, "Fewer children went missing in Leeds"),
    (LEEDS, {NOW: _rate("140", "1.00")}, "is not clearly different from the median of three"),
    (LEEDS, {NOW: _rate("140", "0.50", "0.99")}, "is below the median of three of its four"),
    (LEEDS, FEW_NEIGHBOURS, "is above that of England (0.90)"),
    (
        LEEDS,
        {**FEW_NEIGHBOURS, NOW: _rate("140", "0.90")},
        "clearly different from that of England",
    ),
    (
        LEEDS,
        {**FEW_NEIGHBOURS, NOW: _rate("140", "0.10", "0.89")},
        "is below that of England (0.90)",
    ),
    (LEEDS, {BEFORE: HIDDEN, (LEEDS, "2026", IN_CARE): HIDDEN}, "there were 310 episodes"),
    (FORCE, {}, "West Yorkshire Police recorded 640 missing incidents, of 250 children."),
    (FORCE, {}, "incidents of fewer children in the year ending 31 March 2026 (250) than in"),
    (FORCE, {}, "in the area of West Yorkshire Police (0.50 per 1,000 aged 0 to 17) is below that"),
    (FORCE, {FORCE_NOW: HIDDEN | {"incident_count": "640"}}, "recorded 640 missing incidents of"),
    (FORCE, {FORCE_NOW: HIDDEN | {"child_count": "250"}}, "missing incidents of 250 children."),
    (FORCE, _change(FORCE_NOW, {"child_count": "320"}), "no clear change"),
    (FORCE, _change(FORCE_NOW, {"child_count": "430"}), "incidents of more children"),
    (FORCE, _change(FORCE_NOW, {"child_rate_lower": "0.81"}), "above that of England"),
    (FORCE, _change(FORCE_NOW, {"child_rate_upper": "0.80"}), "different from that of"),
    (FORCE, {FORCE_NOW: HIDDEN}, "12.5% of the missing incidents that West Yorkshire Police"),
    (FORCE, {FORCE_NOW: HIDDEN}, "Police in the year ending 31 March 2026 is hidden to protect"),
    (FORCE, {FORCE_NOW: NOT_DELIVERED}, "The data of West Yorkshire Police for the year ending"),
    (
        YORK,
        {(YORK, "2026", PER_CHILD): HIDDEN},
        "in York in the year ending 31 March 2026 is",
    ),
    (YORK, {(YORK, "2026", PER_CHILD): NOT_DELIVERED}, "The data of York for the year ending 31"),
    (
        YORK,
        {(YORK, "2026", PER_CHILD): HIDDEN},
        "Yorkshire and The Humber had a missing rate of 1.00",
    ),
    (YORK, YORK_HIDDEN, "York has made 4 of the 5 deliveries"),
    (FORCE, {FORCE_NOW: HIDDEN}, "the missing rate of England was 0.80 per 1,000 children"),
    (FORCE, {FORCE_NOW: HIDDEN, (FORCE, "2026", "High"): HIDDEN}, "Police has made"),
]


@pytest.mark.parametrize(("code", "changes", "text"), SAID)
def test_each_sentence_is_written_where_its_rule_applies(
    make_pages: MakePages, code: str, changes: Figures, text: str
) -> None:
    """Prevents a rule that is one figure off, or a sentence that no figures lead to."""
    assert [sentence for sentence in _texts(make_pages(changes)[code]) if text in sentence]


def test_every_sentence_is_tested(make_pages: MakePages, facts: ReleaseFacts) -> None:
    """Prevents a sentence that no case above writes, because another one always applies first."""
    provisional = replace(facts, provisional_reason=PROVISIONAL)
    cases = [(code, make_pages(changes)) for code, changes, _ in SAID]
    cases += [(LEEDS, make_pages()), (LEEDS, make_pages(of=provisional))]
    written = [text for code, pages in cases for text in _texts(pages[code])]
    for entry in (entry for entries in read_area_sentences().values() for entry in entries):
        pattern = "(.+)".join(map(re.escape, re.split(r"\{[^}]+\}", entry["sentence"])))
        assert any(re.fullmatch(pattern, text) for text in written), entry["sentence"]


def test_a_page_has_three_sentences_whatever_is_hidden(make_pages: MakePages) -> None:
    """Prevents an area that readers cannot quote because its own figures are hidden."""
    areas = (LEEDS, YORK, DERBY, HULL, FORCE, SILENT_FORCE)
    for figures in (HIDDEN, NOT_DELIVERED):
        keys = [(area, "2026", item) for area in areas for item in (PER_CHILD, IN_CARE, "High")]
        totals = {(area, "2026", "Total"): figures for area in (FORCE, SILENT_FORCE)}
        pages = make_pages({**dict.fromkeys(keys, figures), **totals})
        assert {len(_texts(pages[area])) for area in areas} == {3}


@pytest.mark.parametrize("figures", [HIDDEN, NOT_DELIVERED])
def test_a_page_without_figures_has_no_number(make_pages: MakePages, figures: Figures) -> None:
    """Prevents a page that says of an area what its files hide or do not have."""
    keys = [(YORK, year, basis) for year in ("2026", "2025") for basis in (PER_CHILD, IN_CARE)]
    page = make_pages(dict.fromkeys(keys, figures))[YORK]
    assert not re.findall(r"\d", _texts(page)[0].replace("31 March 2026", ""))
    assert _texts(page)[1:] == [
        "Yorkshire and The Humber had a missing rate of 1.00 per 1,000 aged 0 to 17 in the year"
        " ending March 2026, and England 0.90.",
        "York has made 4 of the 5 deliveries that are expected for the year ending 31 March 2026.",
    ]
    word = "hidden" if figures is HIDDEN else "not available"
    assert {cell for row in _list_values(page, "rows") for cell in row[1:4]} == {word}
    assert [reason for reason in _list_values(page, "reasons") if reason.lower().startswith(word)]


CLEAR = [
    (100, 135, "not_clear"),
    (100, 140, "higher"),
    (140, 100, "lower"),
    (135, 100, "not_clear"),
]


@pytest.mark.parametrize(("before", "now", "expected"), CLEAR)
def test_a_change_is_named_only_beyond_chance_and_rounding(
    before: int, now: int, expected: str
) -> None:
    """Prevents a headline about noise: without the rounding, 135 would be clear of 100."""
    rates = [ComparedRate(count, 50_000, unit=5) for count in (now, before)]
    assert compare_years(*rates) == expected
    exact = [ComparedRate(count, 50_000, unit=0) for count in (135, 100)]
    assert compare_years(*exact) == "higher"


def test_a_rounded_denominator_makes_a_change_less_clear() -> None:
    """Prevents a change that only the rounding of looked-after children makes."""
    rates = [ComparedRate(count, 40, 0, 0) for count in (30, 14)]
    assert compare_years(*rates) == "higher"
    assert compare_years(*(replace(rate, denominator_unit=10) for rate in rates)) == "not_clear"


@pytest.mark.parametrize(("now", "expected"), [(27, "not_clear"), (28, "higher")])
def test_counts_of_few_children_are_compared_with_their_continuity(now: int, expected: str) -> None:
    """Prevents a change of so few children that the next whole number would not be clear."""
    assert compare_years(ComparedRate(now, 100, 0), ComparedRate(14, 100, 0)) == expected


@pytest.mark.parametrize(("now", "word"), [("30", "no clear change"), ("35", "higher")])
def test_the_change_of_looked_after_children_regards_their_rounding(
    make_pages: MakePages, now: str, word: str
) -> None:
    """Prevents a change in a small authority that only the rounding of all children makes."""
    figures = {
        (LEEDS, year, IN_CARE): {**USUAL[LEEDS, "2026", IN_CARE], "child_count": count}
        | {"cla_child_count": "50"}
        for year, count in (("2026", now), ("2025", "10"))
    }
    row = _list_values(make_pages(figures)[LEEDS], "rows")[2]
    assert row[4] == word


def test_years_without_a_figure_are_not_compared() -> None:
    """Prevents a change from a hidden count, or a division by no children."""
    rate = ComparedRate(100, 50_000, unit=5)
    assert compare_years(None, rate) is compare_years(rate, None) is None
    assert compare_years(rate, replace(rate, denominator=0)) is None


BESIDE = [
    ("1.00", "1.50", 0.99, "above"),
    ("1.00", "1.50", 1.0, "not_clear"),
    ("1.00", "1.50", 1.5, "not_clear"),
    ("1.00", "1.50", 1.51, "below"),
    ("c", "c", 1.0, None),
    ("1.00", "1.50", None, None),
]


@pytest.mark.parametrize(("lower", "upper", "value", "expected"), BESIDE)
def test_a_rate_is_above_or_below_only_outside_its_interval(
    lower: str, upper: str, value: float | None, expected: str | None
) -> None:
    """Prevents a ranking that chance explains."""
    assert compare_interval(AreaRate("", "", lower, upper, ""), value) == expected


def test_a_median_needs_three_rates() -> None:
    """Prevents the rate of one or two areas from being called that of the neighbours."""
    assert find_median(["1.00", "c", "2.00", "x", ""]) is None
    assert find_median(["1.00", "c", "2.00", "1.20"]) == pytest.approx(1.2)
    assert find_median(["1.00", "1.10", "2.00", "1.20"]) == pytest.approx(1.15)


def test_the_list_leads_to_every_page(make_pages: MakePages) -> None:
    """Prevents an area that a reader cannot find."""
    pages = make_pages()
    listed = {
        area.code: (heading, count, rate)
        for heading, _, areas in _list_values(pages["index"], "groups")
        for area, count, rate in areas
    }
    assert set(listed) == set(pages) - {"index"} == {LEEDS, YORK, DERBY, HULL, FORCE, SILENT_FORCE}
    assert listed[LEEDS] == ("Yorkshire and The Humber", "140", "1.40")
    assert listed[FORCE] == ("Police forces", "250", "0.50")
