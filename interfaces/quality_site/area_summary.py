"""The first part of an area's page, which prints on one sheet of A4.

It has three sentences, a chart of months, a comparison with similar areas, and one thing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from interfaces.quality_site.areas import AreaFigures
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row, Source, name_measure, read_figures
from interfaces.quality_site.sections import (
    EMPTY_CELL,
    Cell,
    Chart,
    Table,
    format_change,
    format_count,
    format_percent,
    format_rate,
    format_rate_with_interval,
    format_share_with_interval,
)

# The compared rates: population, measure, and the unit that ends the row's heading.
COMPARED_RATES = (
    ("every_child", "children_missing", "per 1,000 children"),
    ("every_child", "episodes_missing_or_away", "per 1,000 children"),
    ("looked_after", "children_missing", "per 100 looked-after children"),
    ("looked_after", "episodes_missing", "per 100 looked-after children"),
)
COMPARED_SHARES = {"both_share": "Known to both sources", "held_share": "Return interview held"}
SIMULATED_RATES = (
    "This home is simulated and may have fewer children than the real areas, so rates per 1,000 "
    "children may be too low."
)
SILENT = Source("quality.agg_silent_suppliers_by_feed")
# What to do about the children of a task; `children` is their number with its noun.
TASKS = {
    "away_now": "Look for {children} away now.",
    "interview_due": "Hold the return interviews of {children} before their 72 hours end.",
    "return_not_recorded": "Find out whether {children} came back, and record the return.",
    "third_absence": "Review the plans for {children} with three absences in 90 days.",
    "interview_overdue": "Hold the overdue return interviews of {children}.",
    "known_to_one_source": (
        "Compare records with the other source: it does not know absences of {children}."
    ),
}


@dataclass(frozen=True)
class FirstTask:
    """The one thing to do first in an area, and why."""

    text: str
    reason: str


@dataclass(frozen=True)
class AreaSummary:
    """The first part of an area's page; `note` says what the rates are divided by."""

    sentences: tuple[str, ...]
    chart: Chart | None
    comparison: Table
    note: str
    task: FirstTask


def summarise_area(
    contents: Contents, code: str, chart: Chart | None, region: Sequence[str]
) -> AreaSummary:
    """Return the first part of the page of an area.

    `region` has the codes of the authorities of a region, or of an authority's region.
    """
    areas = contents.areas
    rate = areas.find_rate(code, areas.latest_year, "every_child", "children_missing")
    return AreaSummary(
        sentences=(
            _describe_count(areas, code, rate),
            _describe_comparison(areas, code, rate),
            _describe_knowledge(areas.summaries[code]),
        ),
        chart=chart,
        comparison=_build_comparison(areas, code, region),
        note=_describe_denominators(contents),
        task=choose_first_task(contents, code, region),
    )


def _describe_count(areas: AreaFigures, code: str, rate: Row) -> str:
    count = areas.summaries[code]["missing_children_count"]
    place = areas.name_area(code)
    if areas.levels[code] == "police_force":
        place = f"the area of {place}"
    year = areas.latest_year
    if not areas.find_latest_row(areas.measures, code).get("is_year_delivered", True):
        year = f"{year} so far"
    if not count:
        return f"In {year}, no child is known to have gone missing in {place}."
    sentence = f"In {year}, {_count_children(count)} went missing in {place}"
    if rate.get("rate") is None:
        return f"{sentence}; the rate is not known."
    return f"{sentence}: {format_rate(rate['rate'])} per 1,000 children."


def _describe_comparison(areas: AreaFigures, code: str, rate: Row) -> str:
    """Compare the rate with the year before, and with similar areas or else with England."""
    earlier = _count_children(rate.get("earlier_measure_count") or 0)
    change = {
        "higher": f"This is more than in the year before ({earlier})",
        "lower": f"This is less than in the year before ({earlier})",
        "no_clear_change": f"This is not clearly different from the year before ({earlier})",
        "recording_changed": "Recording changed, so this cannot be compared with the year before",
    }.get(rate.get("change_code") or "", "This cannot be compared with the year before")
    others, value = "similar areas", rate.get("neighbour_median_rate")
    if value is None:
        others, value = "England", rate.get("nation_rate")
    if value is None or code == areas.nation_code:
        return f"{change}."
    return f"{change}; {others} had {format_rate(value)} per 1,000 children."


def _describe_knowledge(summary: Row) -> str:
    both_share, held_share = summary["both_share"], summary["held_share"]
    known = "So far there is no absence that both sources should know"
    if both_share is not None:
        known = (
            f"Both sources know {format_percent(both_share)} of the absences that both should know"
        )
    if held_share is None:
        return f"{known}."
    return f"{known}; {format_percent(held_share)} of ended absences had a return interview."


def _build_comparison(areas: AreaFigures, code: str, region: Sequence[str]) -> Table:
    """Compare an area's rates and shares with medians of similar areas, and with England."""
    peers = {
        "Similar areas (median)": areas.neighbours.get(code, []),
        "Region (median)": region if areas.levels[code] == "authority" else [],
    }
    compared = {name: codes for name, codes in peers.items() if codes}
    rows: list[list[Cell]] = []
    for population, measure, unit in COMPARED_RATES:
        rate = areas.find_rate(code, areas.latest_year, population, measure)
        medians = {
            "Similar areas (median)": rate.get("neighbour_median_rate"),
            "Region (median)": rate.get("region_median_rate"),
        }
        rows.append(
            [
                f"{name_measure(measure)}, {unit}",
                format_rate_with_interval(rate, "rate"),
                format_change(rate, "change_code"),
                *(format_rate(medians[name]) for name in compared),
                format_rate(rate.get("nation_rate")),
            ]
        )
    nation = areas.summaries.get(areas.nation_code, {})
    for share, name in COMPARED_SHARES.items():
        rows.append(
            [
                name,
                format_share_with_interval(areas.summaries[code], share),
                EMPTY_CELL,
                *(format_percent(_find_median(areas, codes, share)) for codes in compared.values()),
                format_percent(nation.get(share)),
            ]
        )
    headings = [
        "Measure",
        "#This area (95% interval)",
        "Change from the year before",
        *(f"#{name}" for name in compared),
        "#England",
    ]
    return Table(f"Comparison for {areas.latest_year}", headings, rows)


def _find_median(areas: AreaFigures, codes: Sequence[str], share: str) -> float | None:
    values = [areas.summaries[code][share] for code in codes if code in areas.summaries]
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _describe_denominators(contents: Contents) -> str:
    note = (
        "Rates per 1,000 children use the children aged 0 to 17 in mid-2024 (Office for National "
        "Statistics). They cover only authorities that delivered, whose force delivered, or that "
        "have an absence. Similar areas are the department's ten statistical neighbours of May "
        "2025."
    )
    if contents.settings.is_simulation:
        return f"{note} {SIMULATED_RATES}"
    return note


def choose_first_task(contents: Contents, code: str, region: Sequence[str]) -> FirstTask:
    """Choose the one thing to do first: deliver, look for children, or act on the longest list.

    The longest list has most children over 28 days. In a region or the nation, it is that of one
    of its authorities or forces.
    """
    silent = [
        row
        for row in read_figures(contents.published, SILENT, ending="order by since_date").rows
        if row["supplier_code"] == code
    ]
    if silent:
        arrived = "Nothing usable has arrived for"
        if silent[0]["last_coverage_code"] == "in_part":
            arrived = "Only a part has arrived of"
        return FirstTask(
            "Deliver the data that are due.",
            f"{arrived} the periods due since {silent[0]['since_date']}, so this page is"
            " incomplete.",
        )
    level = contents.areas.levels[code]
    acting = {code, *(region if level == "region" else ())}
    known = [
        row
        for row in contents.areas.tasks.all_rows
        if level == "nation" or row["area_code"] in acting
    ]
    if not known:
        return FirstTask("Nothing.", "No child waits for this area to act.")
    row = max(
        known,
        key=lambda row: (
            row["task_code"] == "away_now",
            row["over_28_days_count"],
            row["children_count"],
        ),
    )
    text = TASKS[row["task_code"]].format(children=_count_children(row["children_count"]))
    if code != row["area_code"]:
        text = f"{contents.name_area(row['area_code'])}: {text}"
    wait = f"The longest wait is {format_count(row['oldest_age_days'])} days."
    if old_count := row["over_28_days_count"]:
        wait = f"Of these, {format_count(old_count)} have waited over 28 days. {wait}"
    return FirstTask(text, wait)


def _count_children(count: int) -> str:
    return f"{format_count(count)} {'child' if count == 1 else 'children'}"
