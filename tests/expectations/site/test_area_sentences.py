"""The sentences and the first task of an area's page, from invented figures and without a site."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from interfaces.quality_site.area_summary import TASKS, choose_first_task, summarise_area
from interfaces.quality_site.sections import format_rate
from register import choices

OWN, BESIDE, FOREIGN, FORCE = "370", "371", "213", "E23000011"
REGION, NATION = "E12000003", "E92000001"
NAMES = {OWN: "Barnsley", BESIDE: "Doncaster", FOREIGN: "Westminster", FORCE: "The Force"}
LEVELS = dict.fromkeys((OWN, BESIDE, FOREIGN), "authority") | {
    FORCE: "police_force",
    REGION: "region",
    NATION: "nation",
}
# The coverage of the last due period, by silent supplier.
NOBODY: Mapping[str, str] = {}
RATE = {"rate": 4.0, "nation_rate": 2.5, "neighbour_median_rate": 3.0, "earlier_measure_count": 8}


class _Areas:
    """The figures of areas that the first part of a page reads."""

    latest_year, nation_code, measures = "2025-26", NATION, None

    def __init__(self, summary: dict[str, Any], rate: dict[str, Any], **more: Any) -> None:
        row = {"missing_children_count": 9, "both_share": None, "held_share": None, **summary}
        self.levels, self.neighbours = LEVELS, {OWN: [BESIDE, FOREIGN]}
        self.summaries = {OWN: row, FORCE: row, NATION: row, **more.get("others", {})}
        self.tasks = SimpleNamespace(all_rows=more.get("tasks", ()))
        self._rate, self._measures = rate, more.get("measures", {})

    def find_rate(self, _code: str, _year: str, population: str, measure: str) -> dict[str, Any]:
        is_shown = (population, measure) == ("every_child", "children_missing")
        return self._rate if is_shown else {}

    def find_latest_row(self, *_: object) -> dict[str, Any]:
        return self._measures

    def name_area(self, code: str) -> str:
        return NAMES.get(code, code)


def _contents(areas: _Areas, silent: Mapping[str, str] = NOBODY) -> Any:
    rows = [
        {"supplier_code": code, "since_date": "2026-01-30", "last_coverage_code": coverage}
        for code, coverage in silent.items()
    ]
    return SimpleNamespace(
        areas=areas,
        name_area=areas.name_area,
        settings=SimpleNamespace(is_simulation=False),
        published=SimpleNamespace(read_records=lambda _: rows),
    )


def _read(
    code: str = OWN, summary: dict[str, Any] | None = None, **rate: Any
) -> tuple[str, str, str]:
    areas = _Areas(summary or {}, {**RATE, **rate})
    first, second, third = summarise_area(_contents(areas), code, None, ()).sentences
    return first, second, third


def _task(code: str, days: int, old: int, children: int, **words: Any) -> dict[str, Any]:
    return {
        "task_code": "third_absence",
        "area_code": code,
        "oldest_age_days": days,
        "over_28_days_count": old,
        "children_count": children,
        **words,
    }


def _choose(
    code: str, *tasks: dict[str, Any], silent: Mapping[str, str] = NOBODY
) -> tuple[str, str]:
    contents = _contents(_Areas({}, {}, tasks=tasks), silent)
    task = choose_first_task(contents, code, (OWN, BESIDE))
    return task.text, task.reason


@pytest.mark.parametrize(
    ("code", "count", "rate", "sentence"),
    [
        (OWN, 0, 0.0, "In 2025-26, no child is known to have gone missing in Barnsley."),
        (OWN, 1, 0.5, "In 2025-26, 1 child went missing in Barnsley: 0.50 per 1,000 children."),
        (OWN, 9, None, "In 2025-26, 9 children went missing in Barnsley; the rate is not known."),
        (
            FORCE,
            1200,
            12.0,
            "In 2025-26, 1,200 children went missing in the area of The Force: 12.0 per 1,000"
            " children.",
        ),
    ],
)
def test_the_first_sentence_counts(code: str, count: int, rate: float, sentence: str) -> None:
    """Prevents "1 children", a force that is called a place, and a rate that nobody knows."""
    assert _read(code, {"missing_children_count": count}, rate=rate)[0] == sentence


@pytest.mark.parametrize(("is_delivered", "words"), [(True, "2025-26,"), (False, "2025-26 so far")])
def test_a_year_in_progress_is_named_as_such(is_delivered: bool, words: str) -> None:
    """Prevents a half year from being read as a good one."""
    areas = _Areas({}, RATE, measures={"is_year_delivered": is_delivered})
    first = summarise_area(_contents(areas), OWN, None, ()).sentences[0]
    assert first.startswith(f"In {words}")


@pytest.mark.parametrize(
    ("rate", "sentence"),
    [
        ({"change_code": "higher"}, "This is more than in the year before (8 children)"),
        (
            {"change_code": "higher", "earlier_measure_count": 0},
            "This is more than in the year before (0 children)",
        ),
        ({"change_code": "lower"}, "This is less than in the year before (8 children)"),
        (
            {"change_code": "no_clear_change", "earlier_measure_count": 1},
            "This is not clearly different from the year before (1 child)",
        ),
        (
            {"change_code": "recording_changed"},
            "Recording changed, so this cannot be compared with the year before",
        ),
        ({"change_code": None}, "This cannot be compared with the year before"),
    ],
)
def test_the_second_sentence_names_a_change(rate: dict[str, Any], sentence: str) -> None:
    """Prevents more where there are less, and a change that a supplier's new system made."""
    assert _read(**rate)[1] == f"{sentence}; similar areas had 3.00 per 1,000 children."


def test_the_second_sentence_compares_with_whom_it_can() -> None:
    """Prevents England compared with itself, and a gap where no similar area has a rate."""
    alone = "This cannot be compared with the year before"
    assert _read(neighbour_median_rate=0.0)[1].endswith(
        "similar areas had 0.00 per 1,000 children."
    )
    assert _read(neighbour_median_rate=None)[1] == (
        f"{alone}; England had 2.50 per 1,000 children."
    )
    assert _read(neighbour_median_rate=None, nation_rate=None)[1] == f"{alone}."
    assert _read(NATION, neighbour_median_rate=None)[1] == f"{alone}."


@pytest.mark.parametrize(
    ("both_share", "held_share", "sentence"),
    [
        (None, None, "So far there is no absence that both sources should know."),
        (0.0, None, "Both sources know 0.0% of the absences that both should know."),
        (
            0.5,
            0.0,
            "Both sources know 50.0% of the absences that both should know; 0.0% of ended absences"
            " had a return interview.",
        ),
    ],
)
def test_the_third_sentence_says_what_is_known(
    both_share: float | None, held_share: float | None, sentence: str
) -> None:
    """Prevents a share of nothing, and a share of 0 that is left out."""
    assert _read(summary={"both_share": both_share, "held_share": held_share})[2] == sentence


def test_shares_of_similar_areas_are_medians_of_those_that_are_known() -> None:
    """Prevents an area without absences from counting as one where nothing agrees."""
    shares = {BESIDE: 0.4, FOREIGN: None}
    others = {code: {"both_share": share, "held_share": None} for code, share in shares.items()}
    table = summarise_area(_contents(_Areas({}, RATE, others=others)), OWN, None, (FOREIGN,))
    known, held = table.comparison.rows[-2:]
    assert [known[3:5], held[3:5]] == [["40.0%", "\N{EN DASH}"], ["\N{EN DASH}", "\N{EN DASH}"]]


def test_deliveries_that_are_due_come_first() -> None:
    """Prevents a page that asks for help with children of whom half are not delivered."""
    text, reason = _choose(OWN, _task(OWN, 9, 1, 1), silent={BESIDE: "in_part", OWN: "never"})
    assert text == "Deliver the data that are due."
    assert reason.startswith("Nothing usable has arrived for the periods due since 2026-01-30,")
    in_part = _choose(OWN, silent={BESIDE: "never", OWN: "in_part"})
    assert in_part[1].startswith("Only a part has arrived of the periods due since 2026-01-30,")
    assert _choose(OWN, silent={BESIDE: "never"}) == (
        "Nothing.",
        "No child waits for this area to act.",
    )


def test_a_child_who_is_away_comes_before_the_longest_list() -> None:
    """Prevents a plan to review before a child to look for, and a short list before a long one."""
    away = _task(OWN, 2, 0, 1, task_code="away_now")
    long, old = _task(OWN, 20, 0, 90), _task(OWN, 40, 3, 5, task_code="interview_overdue")
    assert _choose(OWN, long, old, away) == (
        "Look for 1 child away now.",
        "The longest wait is 2 days.",
    )
    assert _choose(OWN, long, old) == (
        "Hold the overdue return interviews of 5 children.",
        "Of these, 3 have waited over 28 days. The longest wait is 40 days.",
    )
    assert _choose(OWN, _task(OWN, 9, 0, 4), long)[0].endswith(
        "90 children with three absences in 90 days."
    )


def test_an_area_acts_on_its_own_tasks() -> None:
    """Prevents a task of another area, and one of which a region does not learn whose it is."""
    foreign, beside = _task(FOREIGN, 50, 9, 9), _task(BESIDE, 30, 1, 1)
    assert _choose(OWN, foreign, beside)[0] == "Nothing."
    assert _choose(REGION, foreign, beside)[0].startswith("Doncaster: Review the plans for 1 child")
    assert _choose(NATION, foreign, beside)[0].startswith("Westminster: Review the plans")


def test_every_task_has_words() -> None:
    """Prevents a site that cannot be built because of a new task."""
    assert set(TASKS) == set(choices.TASKS)


@pytest.mark.parametrize(
    ("rate", "text", "beside"),
    [
        (10.0, "10.0", "0.0"),
        (9.99, "9.99", "0.04"),
        (0.1, "0.10", "0.04"),
        (0.0994, "0.099", "0.040"),
        (0.0, "0.00", "0.04"),
    ],
)
def test_a_rate_has_the_decimals_that_its_size_needs(rate: float, text: str, beside: str) -> None:
    """Prevents a rate of 0.00 for an area where children go missing."""
    assert format_rate(rate) == text
    assert format_rate(0.04, rate) == beside
