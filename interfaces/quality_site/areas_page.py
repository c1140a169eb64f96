"""The pages of areas (nation, regions, authorities, forces), and the list of all areas.

Figures about people come first: children, absences, interviews, harm, peers, agreement. Figures
about deliveries follow.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from interfaces.quality_site.area_summary import summarise_area
from interfaces.quality_site.areas import AreaFigures, area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import FiguresByCode, Row, name_measure
from interfaces.quality_site.funnel import draw_area_funnel
from interfaces.quality_site.measures_page import name_facts
from interfaces.quality_site.sections import (
    Chart,
    Headline,
    Page,
    PageLink,
    Section,
    Table,
    build_section,
    build_sections_page,
    build_table,
    describe_delivery_progress,
    format_count,
    format_percent,
    format_range,
    format_rate,
)
from interfaces.quality_site.site_charts import Interval, Month, draw_intervals, draw_months
from interfaces.quality_site.suppliers_page import Card

INDEX = "areas/index.html"
LEVEL_NAMES = {
    "nation": ("Nation", "Nation"),
    "region": ("Region", "Regions"),
    "authority": ("Local authority", "Local authorities"),
    "police_force": ("Police force", "Police forces"),
}
DRAWN_MONTHS = 60
# London's authorities have Inner or Outer London as their region; pages show London as one region.
LONDON = {"E13000001": "E12000007", "E13000002": "E12000007"}
EVERY_AND_HALVES = {"every_child", "looked_after", "home"}
# Populations with absences that both sources should record. `home` has none, because an authority
# need not record them.
EXPECTED_OF_BOTH = {"every_child", "looked_after", "out_of_area"}


def build_areas_pages(contents: Contents, cards: dict[str, Card]) -> list[Page]:
    """Build the list of areas and a page for each area; `cards` has each supplier's deliveries."""
    areas = contents.areas
    regions = _read_regions(contents)
    return [
        _build_index(contents),
        *(_build_page(contents, code, cards.get(code), regions) for code in areas.levels),
    ]


def _build_index(contents: Contents) -> Page:
    """Build the page that compares all areas, with a table for each level."""
    areas = contents.areas
    sections = []
    for level, (_, plural) in LEVEL_NAMES.items():
        rows = areas.summaries_of_level(level)
        if rows:
            table = build_table("areas.index", rows, kind=plural, year=contents.latest_year)
            sources = (areas.measures.source, areas.rates.source, areas.agreement.source)
            sections.append(Section(level, plural, tables=(table,), sources=sources))
    progress = contents.read_delivery_progress(contents.latest_year)
    year = contents.latest_year + ("" if progress["is_year_delivered"] else " so far")
    lead = (
        f"Every area for which the register counts children, in {year}. Each name links to the "
        "area's own page."
    )
    return build_sections_page(INDEX, "Areas", lead, sections)


def _build_page(contents: Contents, code: str, card: Card | None, regions: dict[str, str]) -> Page:
    areas = contents.areas
    peers = _list_peers(areas, code, regions)
    level = areas.levels[code]
    reasons = areas.reasons.rows_of(code)
    for row in reasons:
        row["link"] = PageLink(row["reason_code"], "method.html#dim_reasons")
    name_facts(areas.police_facts.figures_of(code))

    def build_area_section(
        name: str, figures: FiguresByCode, populations: Container[str] = EVERY_AND_HALVES
    ) -> Section:
        """Build a section with an area's rows of some populations, as counted in the register."""
        own = figures.figures_of(code)
        rows = [
            row
            for row in own.rows
            if row.get("population_code", "every_child") in populations
            and row.get("basis_code", "register") == "register"
        ]
        if figures is areas.measures:
            rows = [areas.add_rates(code, row) for row in rows]
        key = "nation" if code == areas.nation_code else code
        source = contents.add_rows_link(own.source, key)
        return build_section(name, replace(own, rows=rows, source=source))

    counted = build_area_section("areas.children", areas.measures)
    months, chart = _build_months_section(contents, code)
    sections = [
        replace(counted, sources=[*counted.sources, areas.rates.figures_of(code).source]),
        months,
        build_area_section("measures.repeats", areas.repeats),
        build_area_section("measures.interviews", areas.interviews),
        build_area_section("areas.characteristics", areas.characteristics),
        build_area_section("measures.police-facts", areas.police_facts),
        _build_peers_section(areas, code, peers),
        build_area_section("areas.agreement", areas.agreement, EXPECTED_OF_BOTH),
        build_area_section("areas.reasons", areas.reasons),
        build_area_section("areas.tasks", areas.tasks),
    ]
    if card is not None:
        sections.append(_build_delivery_section(card))
    content = {
        "year": contents.latest_year,
        "summary": summarise_area(contents, code, chart, _list_region(areas, code, regions)),
        "headline": _build_headline(areas, code),
        "sections": sections,
        "has_rows": bool(contents.area_rows) if level == "nation" else code in contents.area_rows,
        "rows": "nation" if level == "nation" else code,
    }
    return Page(area_path(code), "area.html", areas.name_area(code), INDEX, content)


def _build_headline(areas: AreaFigures, code: str) -> list[Headline]:
    summary = areas.summaries[code]
    nation = areas.summaries.get(areas.nation_code, {})
    measured = areas.find_latest_row(areas.measures, code, basis_code="register")
    year = f"in {areas.latest_year}"
    if not measured.get("is_year_delivered", True):
        year = f"{year}, {describe_delivery_progress(measured)}"
    over_24_hours = format_range(
        measured.get("over_24_hours_children_count_lower"),
        measured.get("over_24_hours_children_count_upper"),
    )

    def build_share(label: str, share: str, unknown: str, comparison: str = "") -> Headline:
        """Build the headline of a share, with the interval or the reason why it is not known."""
        lower, upper = summary[f"{share}_lower"], summary[f"{share}_upper"]
        interval = f"{format_percent(lower)} to {format_percent(upper)}"
        note = f"{interval if lower is not None else unknown}{comparison}"
        return Headline(label, format_percent(summary[share]), note)

    def build_rate(label: str, rate: str) -> Headline:
        """Build the headline of a rate, with the interval beside the figure."""
        interval = (
            f"{format_rate(summary[f'{rate}_lower'])} to {format_rate(summary[f'{rate}_upper'])}"
        )
        note = interval if summary[rate] is not None else "the number of children is not known"
        return Headline(label, format_rate(summary[rate]), note)

    return [
        Headline(
            name_measure("children_missing"), format_count(summary["missing_children_count"]), year
        ),
        Headline(
            name_measure("episodes_missing_or_away"),
            format_count(summary["episode_count"]),
            "of any category",
        ),
        build_rate("Missing per 1,000 children", "missing_children_rate"),
        build_rate("Absences per 1,000 children", "episode_rate"),
        build_rate("Missing per 100 looked-after children", "looked_after_rate"),
        Headline("Missing over 24 hours", over_24_hours, "children, at least and at most"),
        build_share("More than one absence", "repeat_share", "there is no absence to count"),
        build_share(
            *("Known to both", "both_share", "no absence that both sources should know"),
            f"; England {format_percent(nation.get('both_share'))}",
        ),
        build_share("Return interview held", "held_share", "no ended absence is in an extract"),
    ]


def _build_months_section(contents: Contents, code: str) -> tuple[Section, Chart | None]:
    """Show children and absences by month, and return the chart of children by itself.

    The chart marks the months from which recording changes.
    """
    figures = contents.areas.months.figures_of(code)
    rows = figures.rows[-DRAWN_MONTHS:]
    steps = {month for month, supplier in contents.certain_steps if supplier == code}
    months = [
        Month(
            row["month"],
            row["children_count"],
            row["month"] in contents.announced_breaks,
            int(row["month"] in steps),
        )
        for row in rows
    ]
    caption = "Children with an absence that began in each month"
    note = (
        "▲ marks a month from which this supplier changed how it records. Compare the months "
        "before and after it with care."
    )
    table = build_table("areas.trend", rows[::-1])
    section = build_section("areas.trend", figures, (), [table], steps=note if steps else "")
    return section, Chart(caption, draw_months(months, caption, 240)) if rows else None


def _read_regions(contents: Contents) -> dict[str, str]:
    """Return the region of each authority; Inner and Outer London are one region, as elsewhere."""
    rows = contents.published.read_records(
        "select authority_code_dfe, region_code_ons from register.dim_authorities where is_current"
    )
    return {
        row["authority_code_dfe"]: LONDON.get(row["region_code_ons"], row["region_code_ons"])
        for row in rows
    }


def _list_peers(areas: AreaFigures, code: str, regions: dict[str, str]) -> list[Row]:
    """List the areas to compare with an area.

    These are the regions for the nation, the authorities of its region for an authority, and
    otherwise all areas of its level.
    """
    level = areas.levels[code]
    if level == "nation":
        return areas.summaries_of_level("region")
    if level == "authority":
        return [areas.summaries[other] for other in _list_region(areas, code, regions)]
    return areas.summaries_of_level(level)


def _list_region(areas: AreaFigures, code: str, regions: dict[str, str]) -> list[str]:
    """Return the codes of the authorities of a region, or of an authority's region."""
    region = regions.get(code, code)
    return [
        row["area_code"]
        for row in areas.summaries_of_level("authority")
        if regions.get(row["area_code"]) == region
    ]


def _build_peers_section(areas: AreaFigures, code: str, peers: list[Row]) -> Section:
    """Compare an area with its peers, and show it in the funnel plot of all areas of its level.

    The page of the nation has the funnel plot of the authorities.
    """
    level = areas.levels[code]
    nation = areas.summaries.get(areas.nation_code, {})
    share = nation.get("both_share")
    charts = []
    if any(row["both_share"] is not None for row in peers):
        charts.append(_draw_peers(code, peers, share))
    funnel_level = "authority" if level == "nation" else level
    funnel = draw_area_funnel(areas.summaries_of_level(funnel_level), code, share)
    words = (
        "If areas differ by chance alone, 19 of 20 lie between the funnel's inner lines, "
        "and nearly all between its outer lines."
    )
    if funnel:
        kind = LEVEL_NAMES[funnel_level][1].lower()
        caption = f"Known to both sources: {kind} by size, with limits of 95% and 99.8%"
        charts.append(Chart(caption, funnel))
    others = {"nation": "regions", "authority": "the authorities of its region"}.get(
        level, f"all {LEVEL_NAMES[level][1].lower()}"
    )
    rows = [*peers, nation] if nation and level != "nation" else peers
    tables: list[Table] = [
        build_table("areas.compared", rows, others=others, year=areas.latest_year)
    ]
    neighbours = [
        areas.summaries[other]
        for other in areas.neighbours.get(code, [])
        if other in areas.summaries
    ]
    if neighbours:
        alike = "its statistical neighbours, the most alike first,"
        tables.append(
            build_table("areas.compared", neighbours, others=alike, year=areas.latest_year)
        )
    sources = (areas.measures.source, areas.rates.source, areas.agreement.source)
    return Section(
        "peers", "Compared with others", (words,) if funnel else (), charts, tables, sources
    )


def _draw_peers(code: str, peers: list[Row], nation_share: float | None) -> Chart:
    """Draw the share that both sources recorded for each peer, lowest first, and for the nation."""
    ranked = sorted(
        peers, key=lambda row: (row["both_share"] is None, row["both_share"] or 0, row["name"])
    )
    intervals = [
        Interval(
            row["name"],
            row["both_share"],
            row["both_share_lower"],
            row["both_share_upper"],
            row["area_code"] == code,
            "no absence that should be known to both",
        )
        for row in ranked
    ]
    drawn = draw_intervals(intervals, "Share known to both sources, least first", nation_share)
    return Chart("Known to both sources, with 95% intervals; the dashed line is for England", drawn)


def _build_delivery_section(card: Card) -> Section:
    """Summarise the deliveries of the area's own supplier, with a link to the supplier's page."""
    figures = card.delivered_headline
    cells = [[f"{figure.text} {figure.note}" for figure in figures]]
    headings = [figure.label for figure in figures]
    table = Table("What this area's supplier delivered", headings, cells)
    link = PageLink(
        "Deliveries, punctuality, completeness and rules", f"suppliers/{card.code}.html"
    )
    text = "Figures of an area depend on the deliveries of its supplier."
    return Section("delivery", "Quality of delivery", (text,), tables=(table,), links=(link,))
