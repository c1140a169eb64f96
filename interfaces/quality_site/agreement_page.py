"""The page of agreement: how much, where least, why; when it changes is in `agreement_times`."""

from __future__ import annotations

from collections import Counter

from interfaces.quality_site.agreement_times import (
    breaks_section,
    durations_section,
    lags_section,
    months_section,
)
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    DISAGREED,
    LEAST_EPISODES,
    Figures,
    Row,
    read_nation,
    read_reasons,
)
from interfaces.quality_site.measure_names import measure_name
from interfaces.quality_site.sections import (
    Chart,
    Columns,
    Page,
    Section,
    TableSection,
    To,
    absent,
    count_of,
    counted,
    delivered_of,
    expected_of,
    interval_of,
    number_of,
    percent,
    sections_page,
    share_of,
    table_of,
    text_of,
    words_of,
)
from interfaces.quality_site.site_charts import Interval, intervals_chart, kinds_chart

SHARE = "both_when_expected_share"
LEAST_SHOWN = 12
REASONS_SHOWN = 7
OTHERS = "All other reasons"
STATUS_COUNTS = {
    "Both": "both_count",
    "Police only": "police_only_count",
    "Authority only": "authority_only_count",
}
CHILDREN = TableSection(
    "children",
    "How many children went missing, by each source and by both",
    "Each child with at least one missing absence in the year counts once. The number known to "
    "both is the sum of the two sources' numbers, less the number in the register.",
    "Children by the source that reported an absence",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        "#Known to the police": count_of("police_count"),
        "#Known to an authority": count_of("authority_count"),
        "#Known to both": count_of("both_count"),
        f"#{measure_name('children_missing')}": count_of("register_count"),
        f"#{measure_name('episodes_missing')}": count_of("episode_count"),
    },
)
YEARS: Columns = {
    "Collection year": text_of("collection_year"),
    "Delivered": delivered_of,
    "#Both": count_of("both_count"),
    "#Police only": count_of("police_only_count"),
    "#Authority only": count_of("authority_only_count"),
    "#Absences": count_of("total_count"),
    "#Known to both": lambda row: percent(row["both_count"] / row["total_count"]),
}
POPULATIONS = TableSection(
    "populations",
    "From care, from home, out of area",
    "Positive agreement is twice what both recorded over what each recorded. Kappa and AC1 compare "
    "missing with the rest (no apparent risk by the police, away by the authority) beyond chance. "
    "Where one prevails kappa is low however well they agree.",
    "Agreement in {collection_year} by whose absences they are",
    {
        "Absences of": words_of("population_code"),
        "#Both should know": expected_of("both_expected_count"),
        "#Known to both (95% interval)": interval_of(SHARE),
        "#Same category (95% interval)": interval_of("category_equal_share"),
        "#Positive agreement": number_of("positive_agreement"),
        "#Kappa": number_of("category_kappa"),
        "#AC1": number_of("category_ac1"),
    },
)
FIELDS = TableSection(
    "fields",
    "Field by field",
    "Of absences that both sources recorded, how often both state the same. No authority records "
    "harm or exploitation: there the first police report is compared with the others. Kappa and "
    "AC1 are for fields answered by yes or no.",
    "Agreement by field in {collection_year}",
    {
        "Compared": words_of("compared_code"),
        "Field": words_of("field_code"),
        "#Stated by both": count_of("compared_count"),
        "#Same (95% interval)": interval_of("equal_share"),
        "#Kappa": number_of("kappa"),
        "#AC1": number_of("ac1"),
    },
)
UNSEEN = TableSection(
    "unseen",
    "How many neither source knows",
    "Chapman's estimate from the two lists, for looked-after children. It depends on whether an "
    "absence on one list is more or less likely to be on the other. Two lists alone cannot show "
    "that, so each row makes another assumption. Missed links make the estimate too high. Without "
    "a clerical sample, the corrected estimate is a range.",
    "Capture and recapture of looked-after children's absences",
    {
        "Collection year": text_of("collection_year"),
        "Linkage": words_of("linkage_code"),
        "What is assumed": text_of("dependence_statement"),
        "#Seen by either": count_of("seen_count"),
        "#Estimated in all (95% interval)": lambda row: (
            f"{counted(row['absence_estimate'])} ({counted(row['absence_estimate_lower'])} to "
            f"{counted(row['absence_estimate_upper'])})"
        ),
        "#Corrected for linkage": lambda row: (
            f"{counted(row['corrected_absence_estimate_lower'])} to "
            f"{counted(row['corrected_absence_estimate_upper'])}"
        ),
        "#Known to the police": interval_of("police_known_share"),
        "#Known to an authority": interval_of("authority_known_share"),
    },
)


def agreement_page(contents: Contents) -> Page:
    """Where do the sources agree least and why, and how sure are we."""
    published = contents.published
    this_year = f"collection_year = '{contents.latest}'"
    populations = read_nation(
        published, "agg_agreement_by_area_year", this_year, "total_count desc"
    )
    lags = read_nation(
        published,
        "agg_lags_by_area_year",
        f"population_code = 'every_child' and {this_year}",
        "lag_code, linkage_code",
    )
    unseen = read_nation(
        published,
        "agg_capture_recapture_by_area_year",
        f"population_code = 'looked_after' and {this_year}",
        "linkage_code, odds_ratio",
    )
    fields = read_nation(
        published,
        "agg_field_agreement_by_area_year",
        f"population_code = 'every_child' and {this_year}",
        "compared_code, field_code",
    )
    sections = [
        _years(contents),
        _least(contents),
        POPULATIONS.of(populations),
        _regions(contents),
        _why(contents),
        FIELDS.of(fields),
        lags_section(lags),
        durations_section(published),
        months_section(published, contents.announced_breaks),
        breaks_section(contents),
        UNSEEN.of(unseen),
        children_section(contents),
    ]
    lead = (
        "Of the absences that both the police and an authority should know, how many both do know. "
        "An absence from home is not counted against an authority, which need not know it. "
        "No source is expected to know an absence of a day that it has not delivered."
    )
    return sections_page("agreement.html", "Agreement", lead, sections)


def children_section(contents: Contents) -> Section:
    """How many children went missing, by each source and by both."""
    figures = read_nation(
        contents.published,
        "agg_measures_by_area_year",
        "population_code in ('every_child', 'looked_after', 'home')",
        "collection_year desc, population_code, basis_code",
    )
    counts: dict[tuple[str, str], dict[str, Row]] = {}
    for row in figures.rows:
        key = (row["collection_year"], row["population_code"])
        counts.setdefault(key, {})[row["basis_code"]] = row
    rows = [
        {"population_code": population, **_known(bases), **contents.delivered(year)}
        for (year, population), bases in counts.items()
    ]
    return CHILDREN.of(Figures(rows, figures.source, figures.is_published))


def _known(bases: dict[str, Row]) -> Row:
    """Children known to each source, and to both: the register counts each child once."""
    police, authority, register = (
        bases[basis]["missing_children_count"] if basis in bases else 0
        for basis in ("police", "authority", "register")
    )
    return {
        "police_count": police,
        "authority_count": authority,
        "both_count": police + authority - register,
        "register_count": register,
        "episode_count": bases["register"]["missing_episode_count"]
        if "register" in bases
        else None,
    }


def _years(contents: Contents) -> Section:
    """Agreement by year, the latest first; years with few absences are named and not drawn."""
    figures = contents.agreement_by_year
    shown = [row for row in figures.rows if row["total_count"] >= LEAST_EPISODES]
    few = [row for row in figures.rows if row["total_count"] < LEAST_EPISODES]
    rows = [{**row, **contents.delivered(row["collection_year"])} for row in shown[::-1]]
    counts = {
        row["collection_year"]: {kind: row[count] for kind, count in STATUS_COUNTS.items()}
        for row in rows
    }
    drawn = kinds_chart(counts, list(STATUS_COUNTS), "Share of episodes")
    named = ", ".join(f"{row['collection_year']} ({row['total_count']})" for row in few)
    return Section(
        "years",
        "Both, police only, authority only",
        (f"Years with fewer than {LEAST_EPISODES} absences are left out: {named}.",) if few else (),
        charts=(Chart("Absences that both should know, by who recorded them", drawn),),
        tables=(table_of("Agreement by collection year", YEARS, rows),),
        sources=(contents.sampled(figures.source, "nation"),),
    )


def _areas(contents: Contents, level: str) -> list[Row]:
    rows = contents.agreement_by_area.rows
    return [row for row in rows if row["area_level_code"] == level]


def _least(contents: Contents) -> Section:
    """Authorities ranked by agreement, with the commonest reasons of those that agree least."""
    figures = contents.agreement_by_area
    title = "Where the sources agree least"
    if not figures.rows:
        return absent("least", title, figures)
    ranked = [
        row for row in _areas(contents, "authority") if row["both_expected_count"] >= LEAST_EPISODES
    ]
    reasons = _reasons_by_authority(contents)
    columns: Columns = {
        "Authority": lambda row: contents.area_link(row["area_code"]),
        "#Both should know": expected_of("both_expected_count"),
        "#Known to both (95% interval)": interval_of(SHARE),
        "#Shrunk towards the nation": share_of(f"{SHARE}_shrunk"),
        "Commonest reasons": lambda row: "; ".join(reasons.get(row["area_code"], [])),
    }
    text = (
        f"Authorities in {contents.latest}, those that agree least first; the broken "
        f"line is the nation. Fewer than {LEAST_EPISODES} absences are not ranked. The shrunk "
        "share allows for small numbers: few absences are drawn towards the nation."
    )
    caption = f"The {min(LEAST_SHOWN, len(ranked))} that agree least, and why"
    tables = [table_of(caption, columns, ranked[:LEAST_SHOWN])]
    if len(ranked) > LEAST_SHOWN:
        tables.append(table_of("All authorities ranked", columns, ranked, is_folded=True))
    few = [row for row in _areas(contents, "authority") if row not in ranked]
    drawn = Chart("Known to both sources, with 95% intervals", _ranked_drawn(contents, ranked, few))
    return Section("least", title, (text,), (drawn,), tables, (figures.source,))


def _ranked_drawn(contents: Contents, ranked: list[Row], few: list[Row]) -> str:
    """A dot and its interval for each ranked authority, words for the others; the nation a line."""
    nation = next((row[SHARE] for row in _areas(contents, "nation")), None)
    intervals = [
        Interval(
            contents.area_name(row["area_code"]),
            row[SHARE],
            row[f"{SHARE}_lower"],
            row[f"{SHARE}_upper"],
        )
        for row in ranked
    ]
    words = f"fewer than {LEAST_EPISODES} absences: not ranked"
    intervals += [
        Interval(contents.area_name(row["area_code"]), None, None, None, words=words) for row in few
    ]
    return intervals_chart(intervals, "Known to both sources, the least first", nation)


def _reasons_by_authority(contents: Contents) -> dict[str, list[str]]:
    """The two commonest reasons of each authority, in words, with their counts."""
    titles = contents.titles("dim_reasons")
    source = DISAGREED.narrowed(f"collection_year = '{contents.latest}'")
    found: dict[str, list[str]] = {}
    for row in read_reasons(contents.published, source, "authority_code_dfe").rows:
        listed = found.setdefault(row["authority_code_dfe"], [])
        if len(listed) < 2:
            code = row["reason_code"]
            listed.append(f"{code} {titles.get(code, '')} ({row['episode_count']:,})")
    return found


def _regions(contents: Contents) -> Section:
    """Agreement of regions and police forces."""
    columns: Columns = {
        "Area": lambda row: contents.area_link(row["area_code"]),
        "Kind": words_of("area_level_code"),
        "#Both should know": expected_of("both_expected_count"),
        "#Known to both (95% interval)": interval_of(SHARE),
    }
    rows = [*_areas(contents, "region"), *_areas(contents, "police_force")]
    caption = f"Regions and police forces in {contents.latest}, least agreement first"
    table = table_of(caption, columns, rows, is_folded=True)
    source = contents.agreement_by_area.source
    return Section("regions", "By region and police force", tables=(table,), sources=(source,))


def _why(contents: Contents) -> Section:
    """Reasons by year, as a picture and a table."""
    figures = read_reasons(contents.published, DISAGREED, "collection_year")
    title = "Why one source alone recorded an absence"
    if not figures.rows:
        return absent("why", title, figures)
    titles = contents.titles("dim_reasons")
    years: Counter[str] = Counter()
    for row in figures.rows:
        years[row["collection_year"]] += row["episode_count"]
    columns: Columns = {
        "Reason": lambda row: To(row["reason_code"], "method.html#dim_reasons"),
        "What it means": lambda row: titles.get(row["reason_code"], ""),
        "Collection year": text_of("collection_year"),
        "#Absences": count_of("episode_count"),
        "#Share of the year": lambda row: percent(
            row["episode_count"] / years[row["collection_year"]]
        ),
    }
    rows = sorted(figures.rows, key=lambda row: row["collection_year"], reverse=True)
    return Section(
        "why",
        title,
        (
            "Each disagreement has one primary reason. It is a fact of the record, or a sign that "
            "is more common in what one source missed. D0 has neither: it is not known why.",
        ),
        (Chart("Reasons by collection year", _reasons_drawn(figures.rows, years, titles)),),
        (table_of("Reasons by collection year, the latest first", columns, rows),),
        (contents.sampled(figures.source, "nation"),),
    )


def _reasons_drawn(rows: list[Row], years: Counter[str], titles: dict[str, str]) -> str:
    """The commonest reasons stacked, year by year; all others are one kind."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["reason_code"]] += row["episode_count"]
    common = sorted(totals, key=lambda code: (-totals[code], code))[:REASONS_SHOWN]
    labels = {code: f"{code} {titles.get(code, '')}" for code in common}
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        year, kind = row["collection_year"], labels.get(row["reason_code"], OTHERS)
        counts.setdefault(year, Counter())[kind] += row["episode_count"]
    kinds = [*labels.values(), *([OTHERS] if len(totals) > len(common) else [])]
    return kinds_chart(counts, kinds, "Share of absences that one source alone recorded")
