"""The page of agreement between the sources: how much, where it is lowest, and why.

Changes over time are in `agreement_times`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from interfaces.quality_site.agreement_times import (
    build_breaks_section,
    build_durations_section,
    build_lags_section,
    build_months_section,
)
from interfaces.quality_site.areas import BOTH_SHARE
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    DISAGREEMENTS,
    MIN_RANKED_ABSENCES,
    Row,
    read_nation,
    read_reasons,
)
from interfaces.quality_site.sections import (
    Chart,
    Page,
    PageLink,
    Section,
    build_section,
    build_sections_page,
    build_table,
    format_count,
)
from interfaces.quality_site.site_charts import Interval, draw_intervals, draw_kinds

LISTED_AUTHORITIES = 12
DRAWN_REASONS = 7
OTHERS = "All other reasons"
STATUS_COUNTS = {
    "Both": "both_count",
    "Police only": "police_only_count",
    "Authority only": "authority_only_count",
}


def build_agreement_page(contents: Contents) -> Page:
    """Build the page about where the sources agree least, why, and how certain this is."""
    published = contents.published
    this_year = f"collection_year = '{contents.latest_year}'"
    every_child = f"population_code = 'every_child' and {this_year}"
    populations = read_nation(
        published, "agg_agreement_by_area_year", this_year, "total_count desc"
    )
    fields = read_nation(
        published, "agg_field_agreement_by_area_year", every_child, "compared_code, field_code"
    )
    lags = read_nation(published, "agg_lags_by_area_year", every_child, "lag_code, linkage_code")
    sections = [
        _build_years_section(contents),
        _build_least_section(contents),
        build_section("agreement.populations", populations),
        _build_regions_section(contents),
        _build_reasons_section(contents),
        build_section("agreement.fields", fields),
        build_lags_section(lags),
        build_durations_section(published),
        build_months_section(published, contents.announced_breaks),
        build_breaks_section(contents),
        _build_unseen_section(contents, this_year),
        build_children_section(contents),
    ]
    lead = (
        "Some absences should be recorded by both the police and a local authority. This page "
        "shows how many of them both did record. Authorities need not record absences from home, "
        "so these are left out. So is every day that one of the sources has not delivered."
    )
    return build_sections_page("agreement.html", "Agreement", lead, sections)


def build_children_section(contents: Contents) -> Section:
    """Show how many children went missing by each source, and by both sources."""
    figures = read_nation(
        contents.published,
        "agg_measures_by_area_year",
        "population_code in ('every_child', 'looked_after', 'home')",
        "collection_year desc, population_code, basis_code",
    )
    by_year: dict[tuple[str, str], dict[str, Row]] = {}
    for row in figures.rows:
        key = (row["collection_year"], row["population_code"])
        by_year.setdefault(key, {})[row["basis_code"]] = row
    rows, gaps = [], contents.gaps
    for (year, population), bases in by_year.items():
        police, authority, register = (
            bases.get(basis, {}).get("missing_children_count", 0)
            for basis in ("police", "authority", "register")
        )
        rows.append(
            {
                "population_code": population,
                "police_count": police if gaps.has_source("police") else None,
                "authority_count": authority if gaps.has_source("authority") else None,
                # A child known to both sources is in both sources' counts, but only once in the
                # register's. So the sources' sum exceeds the register's count by the children known
                # to both.
                "both_count": police + authority - register if gaps.can_compare else None,
                "register_count": register,
                "episode_count": bases.get("register", {}).get("missing_episode_count"),
                **contents.read_delivery_progress(year),
            }
        )
    return build_section("agreement.children", replace(figures, rows=rows))


def _build_years_section(contents: Contents) -> Section:
    """Show agreement by year, latest first.

    Years with few absences are only named in a sentence.
    """
    figures = contents.agreement_by_year
    few = [row for row in figures.rows if row["total_count"] < MIN_RANKED_ABSENCES]
    rows = [
        {**row, **contents.read_delivery_progress(row["collection_year"])}
        for row in figures.rows[::-1]
        if row not in few
    ]
    counts = {
        row["collection_year"]: {kind: row[count] for kind, count in STATUS_COUNTS.items()}
        for row in rows
    }
    drawn = draw_kinds(counts, list(STATUS_COUNTS), "Share of absences")
    named = ", ".join(f"{row['collection_year']} ({row['total_count']})" for row in few)
    left_out = f"Years with fewer than {MIN_RANKED_ABSENCES} absences are left out: {named}."
    return Section(
        "years",
        "Both, police only, authority only",
        (left_out,) if few else (),
        charts=(Chart("Absences that should be known to both, by who recorded them", drawn),),
        tables=(build_table("agreement.years", rows),),
        sources=(contents.add_rows_link(figures.source, "nation"),),
    )


def _read_areas(contents: Contents, *levels: str) -> list[Row]:
    """Return the agreement of areas at the given levels, with a link to each area."""
    return [
        {**row, "link": contents.link_area(row["area_code"])}
        for level in levels
        for row in contents.agreement_by_area.rows
        if row["area_level_code"] == level
    ]


def _build_least_section(contents: Contents) -> Section:
    """Rank authorities by agreement, and list the most common reasons of the lowest-ranked."""
    figures = contents.agreement_by_area
    if not figures.rows:
        return build_section("agreement.least", figures)
    reasons = _list_reasons_by_authority(contents)
    authorities = [
        {**row, "reasons": "; ".join(reasons.get(row["area_code"], []))}
        for row in _read_areas(contents, "authority")
    ]
    ranked = [row for row in authorities if row["both_expected_count"] >= MIN_RANKED_ABSENCES]
    few = [row for row in authorities if row not in ranked]
    listed = ranked[:LISTED_AUTHORITIES]
    tables = [build_table("agreement.least", listed, count=len(listed))]
    if len(ranked) > len(listed):
        tables.append(build_table("agreement.ranked", ranked, is_folded=True))
    return build_section(
        "agreement.least",
        figures,
        [Chart("Known to both sources, with 95% intervals", _draw_ranks(contents, ranked, few))],
        tables,
        latest=contents.latest_year,
        least=MIN_RANKED_ABSENCES,
    )


def _draw_ranks(contents: Contents, ranked: list[Row], few: list[Row]) -> str:
    """Draw a dot and an interval for each ranked authority, and a note for each unranked one."""
    nation = next((row[BOTH_SHARE] for row in _read_areas(contents, "nation")), None)
    intervals = [
        Interval(
            contents.name_area(row["area_code"]),
            row[BOTH_SHARE],
            row[f"{BOTH_SHARE}_lower"],
            row[f"{BOTH_SHARE}_upper"],
        )
        for row in ranked
    ]
    words = f"fewer than {MIN_RANKED_ABSENCES} absences: not ranked"
    intervals += [
        Interval(contents.name_area(row["area_code"]), None, None, None, words=words) for row in few
    ]
    return draw_intervals(intervals, "Known to both sources, the least first", nation)


def _list_reasons_by_authority(contents: Contents) -> dict[str, list[str]]:
    """List each authority's two most common reasons in words, with their counts."""
    titles = contents.read_code_titles("dim_reasons")
    source = DISAGREEMENTS.narrow(f"collection_year = '{contents.latest_year}'")
    reasons: dict[str, list[str]] = {}
    for row in read_reasons(contents.published, source, "authority_code_dfe").rows:
        listed = reasons.setdefault(row["authority_code_dfe"], [])
        if len(listed) < 2:
            code = row["reason_code"]
            listed.append(f"{code} {titles.get(code, '')} ({row['episode_count']:,})")
    return reasons


def _build_regions_section(contents: Contents) -> Section:
    """Show agreement of regions and police forces."""
    rows = _read_areas(contents, "region", "police_force")
    table = build_table(
        "agreement.regions", rows, is_folded=True, collection_year=contents.latest_year
    )
    source = contents.agreement_by_area.source
    return Section("regions", "By region and police force", tables=(table,), sources=(source,))


def _build_reasons_section(contents: Contents) -> Section:
    """Show reasons by year, as a picture and a table."""
    figures = read_reasons(contents.published, DISAGREEMENTS, "collection_year")
    if not figures.rows:
        return build_section("agreement.why", figures)
    titles = contents.read_code_titles("dim_reasons")
    years: Counter[str] = Counter()
    for row in figures.rows:
        years[row["collection_year"]] += row["episode_count"]
    rows = [
        {
            **row,
            "link": PageLink(row["reason_code"], "method.html#dim_reasons"),
            "reason_title": titles.get(row["reason_code"], ""),
            "year_count": years[row["collection_year"]],
        }
        for row in sorted(figures.rows, key=lambda row: row["collection_year"], reverse=True)
    ]
    source = contents.add_rows_link(figures.source, "nation")
    chart = Chart("Reasons by collection year", _draw_reasons(figures.rows, titles))
    return build_section("agreement.why", replace(figures, rows=rows, source=source), [chart])


def _draw_reasons(rows: list[Row], titles: dict[str, str]) -> str:
    """Draw the most common reasons as stacked bars by year. All other reasons are one part."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["reason_code"]] += row["episode_count"]
    common = sorted(totals, key=lambda code: (-totals[code], code))[:DRAWN_REASONS]
    labels = {code: f"{code} {titles.get(code, '')}" for code in common}
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        year, kind = row["collection_year"], labels.get(row["reason_code"], OTHERS)
        counts.setdefault(year, Counter())[kind] += row["episode_count"]
    kinds = [*labels.values(), *([OTHERS] if len(totals) > len(common) else [])]
    return draw_kinds(counts, kinds, "Share of absences that one source alone recorded")


def _build_unseen_section(contents: Contents, this_year: str) -> Section:
    """Show the estimated number of all absences, recorded by either source or by neither."""
    figures = read_nation(
        contents.published,
        "agg_capture_recapture_by_area_year",
        f"population_code = 'looked_after' and {this_year}",
        "linkage_code, odds_ratio",
    )
    for row in figures.rows:
        lower, upper = row["absence_estimate_lower"], row["absence_estimate_upper"]
        interval = f"{format_count(lower)} to {format_count(upper)}"
        row["estimate"] = f"{format_count(row['absence_estimate'])} ({interval})"
    return build_section("agreement.unseen", figures)
