"""The front page: how many children, what both sources know of them, where, and who needs help."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from interfaces.quality_site.agreement_page import children_section
from interfaces.quality_site.areas import BOTH, bounds_of_children
from interfaces.quality_site.checks_page import judge_fitness
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    Figures,
    Row,
    Source,
    read_counts,
    read_figures,
    read_nation,
)
from interfaces.quality_site.measure_names import measure_name, read_measures
from interfaces.quality_site.sections import (
    Columns,
    Page,
    Section,
    TableSection,
    To,
    count_of,
    counted,
    delivered_of,
    expected_of,
    percent,
    table_of,
    text_of,
)
from interfaces.quality_site.site_charts import Month, months_chart, sparkline
from interfaces.quality_site.source_lines import rows_path
from interfaces.quality_site.tile_map import LEVELS, MEASURES, MapMeasure, TileMap, read_places

# What people ask first, and where the answer is.
QUESTIONS = (
    To("How many children went missing, by each source and by both?", "index.html#children"),
    To("Which areas can be compared with which?", "areas/index.html"),
    To("Where do the sources agree least, and why?", "agreement.html#least"),
    To("How sure are we?", "linkage.html"),
    To("What changed since the last load, and why?", "checks.html#changes"),
    To("Which suppliers are late?", "checks.html#late"),
    To("What was rejected, and why?", "deliveries.html"),
    To("Which line of which file is behind a figure?", "rows/nation.html"),
)
BODIES_SHOWN = 10
MONTHS_SHOWN = 36
# Fewer absences that both sources should know of leave the share of a month to chance.
LEAST_OF_A_MONTH = 10
HELP: Columns = {
    "Body": lambda row: row["link"],
    "What to do": lambda row: row["list_reason_name"],
    "#Children": count_of("children_count"),
    "#Cases": count_of("case_count"),
    "#Over 28 days": count_of("over_28_days_count"),
    "#Longest wait, days": count_of("oldest_age_days"),
}
MONTHS: Columns = {
    "Month": text_of("month"),
    "#Children": count_of("children_count"),
    "#Absences": count_of("episode_count"),
    "#Both should know": expected_of("expected_count"),
    "#Known to both": lambda row: percent(row["both_share"]),
    "Recording": lambda row: row["recording"],
}
# The column of each count that `agg_measures_by_area_year` has.
COUNTED = {
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
COUNTS = TableSection(
    "what-is-counted",
    "What is counted",
    "Four categories are counted apart, and police incidents by their own definition. A child with "
    "absences of two categories is in both, and once among children missing or away.",
    "Counts of {collection_year}, England",
    {
        "Count": text_of("measure_name"),
        "#Number": count_of("count"),
        "Definition": text_of("definition"),
        "Rule": text_of("category_rule"),
    },
)
ABSENCES = TableSection(
    "counts",
    "Absences",
    "A looked-after child is in the care of an authority; every other child lives at home.",
    "Children and episodes by collection year (1 April to 31 March)",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        f"#{measure_name('children_missing_or_away')}": count_of("child_count"),
        f"#{measure_name('episodes_missing_or_away')}": count_of("episode_count"),
        "#Of looked-after children": count_of("looked_after_count"),
        "#From home": count_of("home_count"),
        "#Still open": count_of("open_count"),
    },
)


@dataclass(frozen=True)
class LargeFigure:
    """One of the two figures at the head: its label, text, interval, what it means, its trend."""

    label: str
    text: str
    range: str
    words: str
    before: str
    drawn: str
    caption: str


@dataclass(frozen=True)
class MapShown:
    """The two maps with the measures by which they can be coloured."""

    maps: list[TileMap]
    measures: tuple[MapMeasure, ...]


def front_page(contents: Contents) -> Page:
    """The page that answers how many children went missing, and what is known of them."""
    months = _months(contents)
    content: dict[str, Any] = {
        "year": contents.latest,
        "delivered": _delivered(contents),
        "figures": [_children(contents, months), _known_to_both(contents, months)],
        "months_drawn": months_chart(
            _marked(contents, months), "Children with an absence that began in each month"
        )
        if months
        else "",
        "months": table_of(
            "Children, absences and what both sources know, by month, newest first",
            MONTHS,
            months[::-1],
            is_folded=True,
        ),
        "months_source": contents.sampled(
            contents.areas.months.of(contents.areas.nation).source, "nation"
        ),
        "rows": rows_path("nation") if contents.area_rows else "",
        "breaks": contents.announced_breaks,
        "shown_maps": MapShown(contents.areas.maps, MEASURES),
        "help": table_of("The bodies with most cases over 28 days old", HELP, _help(contents)),
        "help_source": contents.areas.cases.source,
        "verdict": judge_fitness(contents.results),
        "questions": [link for link in QUESTIONS if contents.area_rows or "rows/" not in link.path],
        "children": children_section(contents),
        "counts": _counts(contents),
        "absences": ABSENCES.of(_years(contents)),
        "reports": _reports(contents),
    }
    path = "index.html"
    return Page(path, path, "Children missing from home and care", path, content)


def _delivered(contents: Contents) -> str:
    """Who delivered anything of the year, and whether it is whole: what the figures are of."""
    if not contents.latest:
        return ""
    first = int(contents.latest[:4])
    came = read_figures(
        contents.published,
        Source(
            "quality.agg_supplier_coverage_by_period",
            f"is_delivered and period_end >= '{first}-04-01'"
            f" and period_start < '{first + 1}-04-01'",
        ),
        "distinct supplier_code",
    )
    codes = {row["supplier_code"] for row in came.rows}
    places = read_places(contents.settings.seeds)
    forces, authorities = (
        f"{len(codes & places[level].keys())} of {len(places[level])} {LEVELS[level].lower()}"
        for level in ("police_force", "authority")
    )
    said = [f"For this year {forces} and {authorities} have delivered."]
    if not places["police_force"].keys() | places["authority"].keys() <= codes:
        said.append("The figures are of what was delivered, and not of the whole country.")
    year = contents.delivered(contents.latest)
    if not year["is_year_delivered"]:
        said.append(f"The year is {delivered_of(year)}.")
    return " ".join(said)


def _children(contents: Contents, months: list[Row]) -> LargeFigure:
    """How many children, with the bounds that hold whatever was linked."""
    by_year = _bases_by_year(contents)
    bases = by_year.get(contents.latest, {})
    lowest, highest = bounds_of_children(bases.get("police", 0), bases.get("authority", 0))
    values = [row["missing_children_count"] for row in months]
    return LargeFigure(
        label=f"{measure_name('children_missing')} in {contents.latest}",
        text=counted(bases.get("register")),
        range=f"{counted(lowest)} to {counted(highest)}" if bases else "",
        words="Each child once, with at least one missing absence in the year. The bounds hold "
        "however records are linked: all children of the shorter list are on the longer one, or "
        "none.",
        before=_before(
            contents, {year: counted(row.get("register")) for year, row in by_year.items()}
        ),
        drawn=sparkline(values, f"{measure_name('children_missing')}, month by month"),
        caption=_over(months),
    )


def _known_to_both(contents: Contents, months: list[Row]) -> LargeFigure:
    """The share that both sources know, with the interval that holds what linkage missed too."""
    areas = contents.areas
    counted_rows = {
        row["collection_year"]: row
        for row in areas.agreement.rows(areas.nation)
        if row["population_code"] == "every_child"
    }
    corrected_rows = _corrected_by_year(contents)
    shown = {
        year: bound_share(row, corrected_rows.get(year, {})) for year, row in counted_rows.items()
    }
    text, range_text = shown.get(contents.latest, (percent(None), ""))
    row = counted_rows.get(contents.latest, {})
    values = [row["both_share"] for row in months]
    return LargeFigure(
        label=f"Known to both sources in {contents.latest}",
        text=text,
        range=range_text,
        words="Of the absences that both the police and an authority should know of."
        + describe_doubts(row, corrected_rows.get(contents.latest, {}))
        + _by_linkage(contents),
        before=_before(
            contents, {year: " ".join(filter(None, texts)) for year, texts in shown.items()}
        ),
        drawn=sparkline(values, "Share known to both sources, month by month"),
        caption=_over(months),
    )


def _corrected_by_year(contents: Contents) -> dict[str, Row]:
    """The nation's share of looked-after children's absences, corrected, by collection year."""
    found = read_nation(
        contents.published,
        "agg_agreement_corrected_by_linkage",
        "population_code = 'looked_after' and linkage_code = 'central'",
        "collection_year",
    )
    return {row["collection_year"]: row for row in found.rows}


def bound_share(row: Row, corrected: Row) -> tuple[str, str]:
    """The share and its interval as texts: corrected, or as counted where nothing corrects it."""
    share = f"corrected_{BOTH}"
    chosen, name = (row, BOTH) if corrected.get(f"{share}_lower") is None else (corrected, share)
    lower, upper = chosen.get(f"{name}_lower"), chosen.get(f"{name}_upper")
    if lower is None or upper is None:
        return percent(chosen.get(name)), ""
    bounds = f"{percent(lower)} to {percent(upper)}"
    return (bounds, "") if chosen.get(name) is None else (percent(chosen[name]), bounds)


def describe_doubts(row: Row, corrected: Row) -> str:
    """What was counted, and how much of the interval is chance and how much the links."""
    lower, upper = (corrected.get(f"corrected_{BOTH}_{end}") for end in ("lower", "upper"))
    if lower is None or upper is None or row.get(f"{BOTH}_lower") is None:
        return ""
    chance = ((row[f"{BOTH}_upper"] - row[f"{BOTH}_lower"]) / (upper - lower)) ** 2
    shares = percent(min(chance, 1)), percent(max(1 - chance, 0))
    return (
        f" {percent(row.get(BOTH))} as counted. Chance makes {shares[0]} of the doubt,"
        f" and links between children that were missed or false {shares[1]}."
    )


def _over(months: list[Row]) -> str:
    return f"Month by month, {months[0]['month']} to {months[-1]['month']}" if months else ""


def _before(contents: Contents, texts: dict[str, str]) -> str:
    """The figure of the years before the last one, the nearest first, two at most."""
    earlier = sorted((year for year in texts if year < contents.latest), reverse=True)[:2]
    return "; ".join(f"{year}: {texts[year]}" for year in earlier)


def _by_linkage(contents: Contents) -> str:
    """The share if links are drawn more strictly, and more loosely."""
    found = read_nation(
        contents.published,
        "agg_agreement_by_linkage",
        f"population_code = 'every_child' and collection_year = '{contents.latest}'",
        "linkage_code",
    )
    shares = {row["linkage_code"]: row[BOTH] for row in found.rows}
    if shares.get("strict") is None or shares.get("loose") is None:
        return ""
    strict, loose = percent(shares["strict"]), percent(shares["loose"])
    return f" It is {strict} if only sure links count, and {loose} if doubtful links count too."


def _bases_by_year(contents: Contents) -> dict[str, dict[str, int]]:
    """Children missing by each source and by the register, by collection year."""
    found: dict[str, dict[str, int]] = {}
    for row in contents.areas.measures.rows(contents.areas.nation):
        if row["population_code"] == "every_child":
            found.setdefault(row["collection_year"], {})[row["basis_code"]] = row[
                "missing_children_count"
            ]
    return found


def _months(contents: Contents) -> list[Row]:
    """The nation's months, oldest first, with what both sources know and what was recorded anew."""
    agreed = read_figures(
        contents.published,
        Source("agreement.agg_agreement_by_authority_force_month", "start_month is not null"),
        """
        strftime(start_month, '%Y-%m') as month,
        cast(sum(both_expected_count) as bigint) as expected_count,
        cast(sum(both_when_expected_count) as bigint) as both_count
        """,
        "group by start_month",
    )
    shares = {row["month"]: row for row in agreed.rows}
    steps = _steps(contents)
    rows = contents.areas.months.rows(contents.areas.nation)[-MONTHS_SHOWN:]
    return [
        {
            **row,
            "expected_count": shares.get(row["month"], {}).get("expected_count"),
            "both_share": _share(shares.get(row["month"])),
            "step_count": steps[row["month"]],
            "recording": _recording(contents, row["month"], steps[row["month"]]),
        }
        for row in rows
    ]


def _share(row: Row | None) -> float | None:
    if row is None or row["expected_count"] < LEAST_OF_A_MONTH:
        return None
    return float(row["both_count"] / row["expected_count"])


def _steps(contents: Contents) -> Counter[str]:
    """How many suppliers' recording certainly steps in each month."""
    return Counter(month for month, _ in contents.certain_steps)


def _recording(contents: Contents, month: str, step_count: int) -> str:
    said = ["definitions change"] if month in contents.announced_breaks else []
    if step_count:
        said.append(f"{step_count} supplier{'' if step_count == 1 else 's'} recording otherwise")
    return "; ".join(said)


def _marked(contents: Contents, months: list[Row]) -> list[Month]:
    return [
        Month(
            row["month"],
            row["children_count"],
            row["month"] in contents.announced_breaks,
            row["step_count"],
        )
        for row in months
    ]


def _help(contents: Contents) -> list[Row]:
    """Bodies with children who wait for them, those with most old cases first."""
    rows = sorted(
        contents.areas.cases.all_rows,
        key=lambda row: (-row["over_28_days_count"], -row["case_count"], row["area_code"]),
    )
    return [{**row, "link": contents.area_link(row["area_code"])} for row in rows[:BODIES_SHOWN]]


def _years(contents: Contents) -> Figures:
    """Children and episodes of the statistics by collection year."""
    found = read_figures(
        contents.published,
        Source("register.fct_episodes", "is_in_scope", "episode_id_register"),
        """
        collection_year,
        count(distinct child_id_register) as child_count,
        count(*) as episode_count,
        count(*) filter (where care_status_code = 'looked_after') as looked_after_count,
        count(*) filter (where care_status_code = 'home') as home_count,
        count(*) filter (where is_open) as open_count
        """,
        "group by collection_year order by collection_year desc",
    )
    rows = [{**row, **contents.delivered(row["collection_year"])} for row in found.rows]
    return Figures(rows, found.source, found.is_published)


def _counts(contents: Contents) -> Section:
    """What is counted in the last year, each count under its own name."""
    nation = contents.areas.of_year(
        contents.areas.measures, contents.areas.nation, basis_code="register"
    )
    incidents = [
        row
        for row in contents.areas.facts.rows(contents.areas.nation)
        if row["fact_code"] == "risk_level"
    ]
    counts = {code: (nation or {}).get(column) for code, column in COUNTED.items()}
    if incidents:
        counts["police_missing_incidents"] = sum(row["episode_count"] for row in incidents)
        counts["police_missing_incidents_above_no_apparent_risk"] = sum(
            row["episode_count"] for row in incidents if row["value_code"] != "no_apparent"
        )
    rows = [
        {**read_measures()[code], "count": count, "collection_year": contents.latest}
        for code, count in counts.items()
        if count is not None
    ]
    found = contents.areas.measures.of(contents.areas.nation)
    return COUNTS.of(Figures(rows, found.source, found.is_published))


def _reports(contents: Contents) -> Figures:
    """Reports by source."""
    return read_counts(
        contents.published,
        Source("register.fct_reports", trace="report_id_register"),
        """
        count(*) as report_count,
        count(distinct child_id_register) as child_count,
        count(distinct supplier_code) as supplier_count
        """,
        "source",
    )
