"""Where the sources agree least, and why: authorities ranked, regions, forces and reasons."""

from __future__ import annotations

from expectations.site import statistic_charts
from expectations.site.contents import Contents
from expectations.site.rendering import counted, percent, words
from expectations.site.sections import Chart, Section, Table, To, absent, interval
from expectations.site.sources import Row
from expectations.site.statistics import LEAST_EPISODES

LEAST_SHOWN = 12
REASONS_SHOWN = 7
OTHERS = "All other reasons"
SHARE = "both_when_expected_share"


def _area_rows(contents: Contents, level: str) -> list[Row]:
    return [row for row in contents.statistics.areas.rows if row["area_level_code"] == level]


def least_section(contents: Contents) -> Section:
    """Authorities ranked by agreement, with the commonest reasons of those that agree least."""
    figures = contents.statistics.areas
    title = "Where the sources agree least"
    if not figures.rows:
        return absent("least", title, figures)
    ranked = [
        row
        for row in _area_rows(contents, "authority")
        if row["both_expected_count"] >= LEAST_EPISODES
    ]
    drawn = _ranked_drawn(contents, ranked)
    reasons = _reasons_by_area(contents)
    rows = [
        [
            contents.supplier_link(row["area_code"]),
            counted(row["both_expected_count"]),
            interval(row, SHARE),
            percent(row[f"{SHARE}_shrunk"]),
            "; ".join(reasons.get(row["area_code"], [])),
        ]
        for row in ranked
    ]
    headings = [
        "Authority",
        "#Both should hold",
        "#Both do (95% interval)",
        "#Shrunk towards the nation",
        "Commonest reasons",
    ]
    text = (
        f"Authorities in {contents.statistics.latest}, those that agree least first; the broken "
        f"line is the nation. Fewer than {LEAST_EPISODES} absences are not ranked. The shrunk "
        "share allows for small numbers: few absences are drawn towards the nation."
    )
    caption = f"The {min(LEAST_SHOWN, len(rows))} that agree least, and why"
    tables = [Table(caption, headings, rows[:LEAST_SHOWN])]
    if len(rows) > LEAST_SHOWN:
        tables.append(Table("All authorities ranked", headings, rows, is_folded=True))
    return Section(
        "least",
        title,
        (text,),
        (Chart("Share held by both, with 95% intervals", drawn),),
        tables,
        (figures.source,),
    )


def _ranked_drawn(contents: Contents, ranked: list[Row]) -> str:
    """A dot and its interval for each authority, and the nation as a line."""
    nation = next((row[SHARE] for row in _area_rows(contents, "nation")), None)
    values = [
        {
            "name": contents.area_name(row["area_code"]),
            "share": row[SHARE],
            "lower": row[f"{SHARE}_lower"],
            "upper": row[f"{SHARE}_upper"],
        }
        for row in ranked
    ]
    return statistic_charts.ranked_dots(values, "Share held by both", nation)


def _reasons_by_area(contents: Contents) -> dict[str, list[str]]:
    """The two commonest reasons of each authority, in words, with their counts."""
    titles = contents.titles("dim_reasons")
    found: dict[str, list[str]] = {}
    for row in contents.statistics.reason_areas.rows:
        listed = found.setdefault(row["authority_code_dfe"], [])
        if len(listed) < 2:
            code = row["reason_code"]
            listed.append(f"{code} {titles.get(code, '')} ({row['episode_count']:,})")
    return found


def regions_section(contents: Contents) -> Section:
    """Agreement of regions and police forces."""
    rows = [
        [
            contents.area_name(row["area_code"]),
            words(level),
            counted(row["both_expected_count"]),
            interval(row, SHARE),
        ]
        for level in ("region", "police_force")
        for row in _area_rows(contents, level)
    ]
    table = Table(
        f"Regions and police forces in {contents.statistics.latest}, least agreement first",
        ["Area", "Kind", "#Both should hold", "#Both do (95% interval)"],
        rows,
        is_folded=True,
    )
    source = contents.statistics.areas.source
    return Section("regions", "By region and police force", tables=(table,), sources=(source,))


def why_section(contents: Contents) -> Section:
    """Reasons by year, as a picture and a table."""
    figures = contents.statistics.reason_years
    title = "Why one source only holds an absence"
    if not figures.rows:
        return absent("why", title, figures)
    titles = contents.titles("dim_reasons")
    years: dict[str, int] = {}
    for row in figures.rows:
        years[row["collection_year"]] = years.get(row["collection_year"], 0) + row["episode_count"]
    drawn = _reasons_drawn(figures.rows, years, titles)
    rows = [
        [
            To(row["reason_code"], "method.html#dim_reasons"),
            titles.get(row["reason_code"], ""),
            row["collection_year"],
            counted(row["episode_count"]),
            percent(row["episode_count"] / years[row["collection_year"]]),
        ]
        for row in sorted(figures.rows, key=lambda row: row["collection_year"], reverse=True)
    ]
    headings = ["Reason", "What it means", "Collection year", "#Absences", "#Share of the year"]
    return Section(
        "why",
        title,
        ("One primary reason each; D0 is unexplained and measures our own ignorance.",),
        (Chart("Reasons by collection year", drawn),),
        (Table("Reasons by collection year, the latest first", headings, rows),),
        (contents.sampled(figures.source, "nation"),),
    )


def _reasons_drawn(rows: list[Row], years: dict[str, int], titles: dict[str, str]) -> str:
    """The commonest reasons stacked, year by year; all others are one kind."""
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["reason_code"]] = totals.get(row["reason_code"], 0) + row["episode_count"]
    common = sorted(totals, key=lambda code: (-totals[code], code))[:REASONS_SHOWN]
    labels = {code: f"{code} {titles.get(code, '')}" for code in common}
    shares: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["collection_year"], labels.get(row["reason_code"], OTHERS))
        shares[key] = shares.get(key, 0) + row["episode_count"] / years[row["collection_year"]]
    return statistic_charts.stacked(
        [{"name": year, "kind": kind, "share": share} for (year, kind), share in shares.items()],
        "Share of absences that one source only holds",
        [*labels.values(), *([OTHERS] if len(totals) > len(common) else [])],
        "Reasons by collection year",
    )
