"""The front page: how many children are missing, what each source knows, where, and who needs help.

It begins with two large figures and ends with the figures of each source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from interfaces.quality_site.agreement_page import build_children_section
from interfaces.quality_site.area_summary import SIMULATED_RATES
from interfaces.quality_site.areas import BOTH_SHARE, bound_children
from interfaces.quality_site.checks_page import judge_fitness
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.delivered_sources import (
    ONLY_SOURCES,
    list_gap_rows,
    list_questions,
    read_reports,
)
from interfaces.quality_site.figures import (
    Figures,
    Row,
    Source,
    name_measure,
    read_figures,
    read_measures,
    read_nation,
)
from interfaces.quality_site.sections import (
    Page,
    PageLink,
    Section,
    build_section,
    build_table,
    describe_delivery_progress,
    format_change,
    format_count,
    format_percent,
    format_rate_with_interval,
)
from interfaces.quality_site.site_charts import Month, draw_months, draw_sparkline
from interfaces.quality_site.source_lines import rows_path
from interfaces.quality_site.tile_map import LEVELS, MEASURES, read_places

# The questions that most readers have, each with the page that answers it.
QUESTIONS = (
    PageLink("How many children went missing, by each source and by both?", "index.html#children"),
    PageLink("How do similar areas compare?", "areas/index.html"),
    PageLink("Where do the sources agree least, and why?", "agreement.html#least"),
    PageLink("How sure are we?", "linkage.html"),
    PageLink("What changed since the last load, and why?", "checks.html#changes"),
    PageLink("Which suppliers are late?", "checks.html#late"),
    PageLink("What was rejected, and why?", "deliveries.html"),
    PageLink("Which line of which file is behind a figure?", "rows/nation.html"),
)
LISTED_AREAS = 10
DRAWN_MONTHS = 60
# A chart of fewer months shows nothing that the table does not.
MIN_DRAWN_MONTHS = 3
# A month's share is left out if both sources should have recorded fewer absences than this, because
# the share would depend on chance.
MIN_MONTH_ABSENCES = 10
# For each figure, the column of `agg_measures_by_area_year` that contains it.
COUNT_COLUMNS = {
    "children_missing": "missing_children_count",
    "children_away": "away_children_count",
    "children_no_apparent_risk": "no_apparent_risk_children_count",
    "children_category_not_known": "category_not_known_children_count",
    "children_missing_or_away": "children_count",
    "episodes_missing": "missing_episode_count",
    "episodes_away": "away_episode_count",
    "episodes_no_apparent_risk": "no_apparent_risk_episode_count",
    "episodes_category_not_known": "category_not_known_episode_count",
    "episodes_missing_or_away": "episode_count",
}


@dataclass(frozen=True)
class LargeFigure:
    """One of the two large figures of the front page.

    `rate` is a text with the rate of a count. `earlier` has the figures of earlier years, and
    `drawn` a chart of months.
    """

    label: str
    text: str
    range: str
    explanation: str
    earlier: str
    drawn: str
    caption: str
    rate: str = ""


def build_front_page(contents: Contents) -> Page:
    """Build the page about how many children went missing, and what each source recorded."""
    areas, gaps = contents.areas, contents.gaps
    months = _read_months(contents)
    drawn_months = months if len(months) >= MIN_DRAWN_MONTHS else []
    reports = read_reports(contents)
    content: dict[str, Any] = {
        "year": contents.latest_year,
        "gaps": gaps,
        "gap_rows": list_gap_rows(gaps),
        "coverage": _describe_coverage(contents) if gaps.can_compare else "",
        "figures": [
            *([_build_children_figure(contents, drawn_months)] if gaps.used else []),
            *([_build_both_figure(contents, months)] if gaps.can_compare else []),
        ],
        "months_drawn": _draw_nation_months(contents, drawn_months) if drawn_months else "",
        "months": build_table("front.months", months[::-1], is_folded=True),
        "months_source": contents.add_rows_link(
            areas.months.figures_of(areas.nation_code).source, "nation"
        ),
        "rows": rows_path("nation") if contents.area_rows else "",
        "breaks": contents.announced_breaks,
        "maps": areas.maps,
        "map_measures": MEASURES,
        "help": build_table("front.help", _list_tasks(contents)),
        "help_source": areas.tasks.source,
        "verdict": judge_fitness(contents.results, gaps),
        "questions": list_questions(QUESTIONS, contents),
        "children": build_children_section(contents),
        "counts": _build_counts_section(contents),
        "absences": build_section("front.counts", _read_years(contents)),
        "reports": build_table("front.reports", reports.rows),
        "reports_source": reports.source,
    }
    path = "index.html"
    return Page(path, path, "Children missing from home and care", path, content)


def _describe_coverage(contents: Contents) -> str:
    """Describe how many suppliers delivered for the year, and whether the year is complete."""
    if not contents.latest_year:
        return ""
    codes = contents.read_delivering_suppliers(contents.latest_year)
    places = read_places(contents.settings.seeds)
    forces, authorities = (
        f"{len(codes & places[level].keys())} of {len(places[level])} {LEVELS[level].lower()}"
        for level in ("police_force", "authority")
    )
    sentences = [f"For this year {forces} and {authorities} have delivered."]
    if not places["police_force"].keys() | places["authority"].keys() <= codes:
        sentences.append("The figures cover what was delivered, not the whole country.")
    if contents.settings.is_simulation:
        sentences.append(SIMULATED_RATES)
    progress = contents.read_delivery_progress(contents.latest_year)
    if not progress["is_year_delivered"]:
        sentences.append(f"The year is {describe_delivery_progress(progress)}.")
    return " ".join(sentences)


def _build_children_figure(contents: Contents, months: list[Row]) -> LargeFigure:
    """Build the figure of missing children, with the lowest and highest number that is possible."""
    counts: dict[str, dict[str, int]] = {}
    for row in contents.areas.measures.rows_of(contents.areas.nation_code):
        if row["population_code"] == "every_child":
            by_basis = counts.setdefault(row["collection_year"], {})
            by_basis[row["basis_code"]] = row["missing_children_count"]
    latest = counts.get(contents.latest_year, {})
    lowest, highest = bound_children(latest.get("police", 0), latest.get("authority", 0))
    nation = contents.areas.summaries.get(contents.areas.nation_code, {})
    name = name_measure("children_missing")
    return LargeFigure(
        label=f"{name} in {contents.latest_year}",
        text=format_count(latest.get("register")),
        range=f"{format_count(lowest)} to {format_count(highest)}" if lowest < highest else "",
        explanation="Each child with at least one missing absence in the year counts once. The "
        "range is from the lowest to the highest possible number, since it is not certain which "
        "records are of the same child.",
        earlier=_list_earlier_years(
            contents, {year: format_count(row.get("register")) for year, row in counts.items()}
        ),
        drawn=draw_sparkline(
            [row["missing_children_count"] for row in months], f"{name}, month by month"
        ),
        caption=_describe_months(months),
        rate=_describe_rate(nation),
    )


def _describe_rate(summary: Row) -> str:
    """Describe the rate of children missing with its interval and change; empty if not known."""
    if summary.get("missing_children_rate") is None:
        return ""
    rate = format_rate_with_interval(summary, "missing_children_rate")
    code = summary["missing_children_change_code"]
    change = format_change(summary, "missing_children_change_code")
    compared = f"; {change} than the year before" if code in ("higher", "lower") else ""
    return f"{rate} per 1,000 children{compared or (f'; {change}' if code else '')}"


def _build_both_figure(contents: Contents, months: list[Row]) -> LargeFigure:
    """Build the figure of the share that both sources recorded.

    If the share is corrected, its interval also covers false and missed links.
    """
    areas = contents.areas
    counted = {
        row["collection_year"]: row
        for row in areas.agreement.rows_of(areas.nation_code)
        if row["population_code"] == "every_child"
    }
    corrected = _read_corrected_years(contents)
    texts = {year: bound_share(row, corrected.get(year, {})) for year, row in counted.items()}
    text, interval = texts.get(contents.latest_year, (format_percent(None), ""))
    doubts = describe_doubts(
        counted.get(contents.latest_year, {}), corrected.get(contents.latest_year, {})
    )
    return LargeFigure(
        label=f"Known to both sources in {contents.latest_year}",
        text=text,
        range=interval,
        explanation="This is the share known to both, of the absences that both the police and an "
        "authority should know." + doubts + _describe_thresholds(contents),
        earlier=_list_earlier_years(
            contents,
            {
                year: f"{share} ({interval})" if interval else share
                for year, (share, interval) in texts.items()
            },
        ),
        drawn=draw_sparkline(
            [row["both_share"] for row in months], "Share known to both sources, month by month"
        ),
        caption=_describe_months(months),
    )


def _read_corrected_years(contents: Contents) -> dict[str, Row]:
    """Return the nation's corrected share of looked-after children's absences, by year."""
    figures = read_nation(
        contents.published,
        "agg_agreement_corrected_by_linkage",
        "population_code = 'looked_after' and linkage_code = 'central'",
        "collection_year",
    )
    return {row["collection_year"]: row for row in figures.rows}


def bound_share(row: Row, corrected: Row) -> tuple[str, str]:
    """Return a share and its interval as texts, corrected if there is a correction.

    If there is an interval but no share, the interval is returned in place of the share.
    """
    share = f"corrected_{BOTH_SHARE}"
    chosen, name = (
        (row, BOTH_SHARE) if corrected.get(f"{share}_lower") is None else (corrected, share)
    )
    lower, upper = chosen.get(f"{name}_lower"), chosen.get(f"{name}_upper")
    if lower is None or upper is None:
        return format_percent(chosen.get(name)), ""
    interval = f"{format_percent(lower)} to {format_percent(upper)}"
    return (interval, "") if chosen.get(name) is None else (format_percent(chosen[name]), interval)


def describe_doubts(row: Row, corrected: Row) -> str:
    """Describe the uncorrected share, and how much uncertainty comes from chance and from links."""
    lower, upper = (corrected.get(f"corrected_{BOTH_SHARE}_{end}") for end in ("lower", "upper"))
    if lower is None or upper is None or row.get(f"{BOTH_SHARE}_lower") is None:
        return ""
    width = row[f"{BOTH_SHARE}_upper"] - row[f"{BOTH_SHARE}_lower"]
    chance = min((width / (upper - lower)) ** 2, 1)
    return (
        f" Without correction for links, it is {format_percent(row.get(BOTH_SHARE))}. Of the"
        f" uncertainty, {format_percent(chance)} comes from chance and"
        f" {format_percent(1 - chance)} from missed and false links between records."
    )


def _describe_months(months: list[Row]) -> str:
    return f"Month by month, {months[0]['month']} to {months[-1]['month']}" if months else ""


def _list_earlier_years(contents: Contents, texts: dict[str, str]) -> str:
    """List the figure for each of the four years before the latest, the most recent first."""
    earlier = sorted((year for year in texts if year < contents.latest_year), reverse=True)[:4]
    return "; ".join(f"{year}: {texts[year]}" for year in earlier)


def _describe_thresholds(contents: Contents) -> str:
    """Say what the share would be at the strict and the loose threshold for links."""
    figures = read_nation(
        contents.published,
        "agg_agreement_by_linkage",
        f"population_code = 'every_child' and collection_year = '{contents.latest_year}'",
        "linkage_code",
    )
    shares = {row["linkage_code"]: row[BOTH_SHARE] for row in figures.rows}
    if shares.get("strict") is None or shares.get("loose") is None:
        return ""
    strict, loose = format_percent(shares["strict"]), format_percent(shares["loose"])
    return (
        f" Without correction, the share is {strict} if only sure links count, and {loose} if"
        " doubtful links count as well."
    )


def _read_months(contents: Contents) -> list[Row]:
    """Return the nation's months with agreement and changes in recording, oldest first."""
    agreement = read_figures(
        contents.published,
        Source("agreement.agg_agreement_by_authority_force_month", "start_month is not null"),
        """
        strftime(start_month, '%Y-%m') as month,
        cast(sum(both_expected_count) as bigint) as expected_count,
        cast(sum(both_when_expected_count) as bigint) as both_count
        """,
        "group by start_month",
    )
    by_month = {row["month"]: row for row in agreement.rows}
    steps = Counter(month for month, _ in contents.certain_steps)
    months = []
    for row in contents.areas.months.rows_of(contents.areas.nation_code)[-DRAWN_MONTHS:]:
        month = row["month"]
        expected = by_month.get(month, {}).get("expected_count")
        is_enough = expected is not None and expected >= MIN_MONTH_ABSENCES
        changes = ["definitions change"] if month in contents.announced_breaks else []
        if steps[month]:
            noun = "supplier" if steps[month] == 1 else "suppliers"
            changes.append(f"{steps[month]} {noun} changed recording")
        months.append(
            {
                **row,
                "expected_count": expected,
                "both_share": by_month[month]["both_count"] / expected if is_enough else None,
                "step_count": steps[month],
                "recording": "; ".join(changes),
            }
        )
    return months


def _draw_nation_months(contents: Contents, rows: Sequence[Row]) -> str:
    months = [
        Month(
            row["month"],
            row["children_count"],
            row["month"] in contents.announced_breaks,
            row["step_count"],
        )
        for row in rows
    ]
    return draw_months(months, "Children with an absence that began in each month")


def _list_tasks(contents: Contents) -> list[Row]:
    """List authorities and forces with tasks, by the number of children over 28 days."""
    rows = sorted(
        contents.areas.tasks.all_rows,
        key=lambda row: (
            -row["over_28_days_count"],
            -row["children_count"],
            row["area_code"],
            row["task_code"],
        ),
    )
    return [{**row, "link": contents.link_area(row["area_code"])} for row in rows[:LISTED_AREAS]]


def _read_years(contents: Contents) -> Figures:
    """Return the children and absences that the statistics cover, by collection year."""
    figures = read_figures(
        contents.published,
        Source("register.fct_episodes", "is_in_scope", "episode_id_register"),
        """
        collection_year,
        'every_child' as population_code,
        count(distinct child_id_register) as child_count,
        count(*) as episode_count,
        count(*) filter (where care_status_code = 'looked_after') as looked_after_count,
        count(*) filter (where care_status_code = 'home') as home_count,
        count(*) filter (where is_open) as open_count
        """,
        "group by collection_year order by collection_year desc",
    )
    areas = contents.areas
    measures = {"child": "children_missing_or_away", "episode": "episodes_missing_or_away"}
    rows = [
        {
            **areas.add_rates(areas.nation_code, row, measures),
            **contents.read_delivery_progress(row["collection_year"]),
        }
        for row in figures.rows
    ]
    return replace(figures, rows=rows)


def _build_counts_section(contents: Contents) -> Section:
    """Show each count of the latest year with its name, definition and rule."""
    areas = contents.areas
    nation = areas.find_latest_row(areas.measures, areas.nation_code, basis_code="register")
    incidents = [
        row
        for row in areas.police_facts.rows_of(areas.nation_code)
        if row["fact_code"] == "risk_level"
    ]
    absent = contents.gaps.missing_sources
    counts = {
        code: nation.get(column)
        for code, column in COUNT_COLUMNS.items()
        if ONLY_SOURCES.get(column) not in absent
    }
    if incidents:
        counts["police_missing_incidents"] = sum(row["episode_count"] for row in incidents)
        counts["police_missing_incidents_above_no_apparent_risk"] = sum(
            row["episode_count"] for row in incidents if row["value_code"] != "no_apparent"
        )
    rows = [
        {
            **read_measures()[code],
            **areas.find_rate(areas.nation_code, contents.latest_year, "every_child", code),
            "count": count,
            "collection_year": contents.latest_year,
        }
        for code, count in counts.items()
        if count is not None
    ]
    figures = areas.measures.figures_of(areas.nation_code)
    return build_section("front.what-is-counted", replace(figures, rows=rows))
