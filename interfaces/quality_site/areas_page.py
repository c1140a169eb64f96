"""The pages of areas: the nation, each region, authority and force, and the list of all of them.

People first: children, absences, interviews, harm, peers, agreement. Then what was delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from interfaces.quality_site.areas import BOTH, AreaFigures, area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import FiguresBySupplier, Row
from interfaces.quality_site.funnel import funnel_of
from interfaces.quality_site.measure_names import measure_name
from interfaces.quality_site.measures_page import INTERVIEWS, POLICE_FACTS, REPEATS
from interfaces.quality_site.sections import (
    Chart,
    Columns,
    Headline,
    Page,
    Section,
    TableSection,
    To,
    absent,
    bounds,
    count_of,
    counted,
    delivered_of,
    expected_of,
    interval_of,
    percent,
    share_of,
    table_of,
    text_of,
    words_of,
)
from interfaces.quality_site.site_charts import Interval, Month, intervals_chart, months_chart
from interfaces.quality_site.suppliers_page import Card

INDEX = "areas/index.html"
LEVEL_WORDS = {
    "nation": ("Nation", "Nation"),
    "region": ("Region", "Regions"),
    "authority": ("Local authority", "Local authorities"),
    "police_force": ("Police force", "Police forces"),
}
MONTHS_SHOWN = 36
CHILDREN = TableSection(
    "children",
    "Children and absences",
    "Each child once. Absences are of any category. Over 24 hours is bounded: who certainly was "
    "away for longer, and who may have been.",
    "Children and absences by collection year",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        f"#{measure_name('children_missing')}": count_of("missing_children_count"),
        f"#{measure_name('episodes_missing_or_away')}": count_of("episode_count"),
        "#Over 24 hours: children": lambda row: bounds(
            row["over_24_hours_children_count_lower"], row["over_24_hours_children_count_upper"]
        ),
        "#Over 24 hours: absences": lambda row: bounds(
            row["over_24_hours_episode_count_lower"], row["over_24_hours_episode_count_upper"]
        ),
    },
)
CHARACTERISTICS = TableSection(
    "characteristics",
    "Who the children are",
    "Children and absences by age, sex, ethnicity, placement and duration.",
    "Children by characteristic in {collection_year}",
    {
        "Characteristic": text_of("characteristic_name"),
        "Value": text_of("value_name"),
        "#Children": count_of("children_count"),
        "#Absences": count_of("episode_count"),
        "#Share of absences": share_of("episode_share"),
        "#Known to both (95% interval)": interval_of("matched_share_in_scope"),
    },
)
AGREEMENT = TableSection(
    "agreement",
    "What both sources know",
    "Of the absences that both the police and an authority should know of. A dash: none is "
    "expected of both.",
    "Agreement by collection year",
    {
        "Collection year": text_of("collection_year"),
        "Delivered": delivered_of,
        "Children": words_of("population_code"),
        "#Both should know": expected_of("both_expected_count"),
        "#Known to both (95% interval)": interval_of(BOTH),
        "#Same category (95% interval)": interval_of("category_equal_share"),
    },
)
REASONS = TableSection(
    "reasons",
    "Why the two sources differ",
    "One primary reason each, of the absences that both should know. D0: it is not known why.",
    "Reasons in {collection_year}, the commonest first",
    {
        "Reason": lambda row: To(row["reason_code"], "method.html#dim_reasons"),
        "What it means": text_of("reason_name"),
        "Recorded by": text_of("source_status_name"),
        "#Absences": count_of("in_scope_count"),
    },
)
CASES = TableSection(
    "cases",
    "Children who wait for a body to act",
    "Cases of this body, as of the day of the newest delivery.",
    "Cases that wait, the most old ones first",
    {
        "List": text_of("list_name"),
        "Why": text_of("list_reason_name"),
        "#Children": count_of("children_count"),
        "#Cases": count_of("case_count"),
        "#Over 28 days": count_of("over_28_days_count"),
        "#Longest wait, days": count_of("oldest_age_days"),
    },
)
COMPARED: Columns = {
    "Area": lambda row: To(row["name"], area_path(row["area_code"])),
    f"#{measure_name('children_missing')}": count_of("missing_children_count"),
    f"#{measure_name('episodes_missing_or_away')}": count_of("episode_count"),
    "#Both should know": expected_of("both_expected_count"),
    "#Known to both (95% interval)": interval_of("both_share"),
    "#More than one absence": interval_of("repeat_share"),
    "#Return interview held": interval_of("held_share"),
    "#Cases that wait": count_of("case_count"),
}
# Sections of the nation's page, with captions that name no area.
OWN_REPEATS = replace(REPEATS, caption="Repeat absences by collection year")
OWN_INTERVIEWS = replace(INTERVIEWS, caption="Return interviews by collection year")
OWN_FACTS = replace(POLICE_FACTS, caption="Facts of the police in {collection_year}")
EVERY = {"every_child", "looked_after", "home"}


def areas_pages(contents: Contents, cards: dict[str, Card]) -> list[Page]:
    """The list of areas, then a page for each; `cards` counts what suppliers delivered, by code."""
    areas = contents.areas
    regions = _regions(contents)
    pages = [_index(contents)]
    for code in areas.levels:
        pages.append(_page(contents, code, cards.get(code), _peers(areas, code, regions)))
    return pages


def _index(contents: Contents) -> Page:
    """Every area in a table a kind, so that they can be compared."""
    areas = contents.areas
    sections = [
        Section(
            level,
            plural,
            tables=(table_of(f"{plural} in {contents.latest}", COMPARED, areas.at_level(level)),),
            sources=(areas.measures.source, areas.agreement.source),
        )
        for level, (_, plural) in LEVEL_WORDS.items()
        if areas.at_level(level)
    ]
    lead = (
        "Every area of which the register counts children, in the last collection year that has "
        "ended. Each name leads to the area's own page."
    )
    content = {"lead": lead, "sections": sections}
    return Page(INDEX, "sections.html", "Areas", INDEX, content)


def _page(contents: Contents, code: str, card: Card | None, peers: list[Row]) -> Page:
    areas = contents.areas
    level = areas.levels[code]
    sections = [
        _of(contents, CHILDREN, areas.measures, code, _is_counted),
        _trend(contents, code),
        _of(
            contents,
            OWN_REPEATS,
            areas.repeats,
            code,
            _is_shown,
        ),
        _of(contents, OWN_INTERVIEWS, areas.interviews, code, _is_shown),
        _of(contents, CHARACTERISTICS, areas.characteristics, code),
        _of(
            contents,
            OWN_FACTS,
            areas.facts,
            code,
        ),
        _compared(areas, code, peers),
        _of(contents, AGREEMENT, areas.agreement, code, _is_agreed),
        _of(contents, REASONS, areas.reasons, code),
        _of(contents, CASES, areas.cases, code),
        *_delivered(card),
    ]
    content = {
        "kind": LEVEL_WORDS[level][0],
        "code": code,
        "year": contents.latest,
        "headline": _headline(areas, code),
        "sections": sections,
        "has_rows": bool(contents.area_rows) if level == "nation" else code in contents.area_rows,
        "rows": "nation" if level == "nation" else code,
    }
    return Page(area_path(code), "area.html", areas.name(code), INDEX, content)


def _is_shown(row: Row) -> bool:
    return row["population_code"] in EVERY


def _is_counted(row: Row) -> bool:
    return row["basis_code"] == "register" and _is_shown(row)


def _is_agreed(row: Row) -> bool:
    """Children at home are not expected of an authority: nothing is expected of both."""
    return row["population_code"] in {"every_child", "looked_after", "out_of_area"}


def _of(
    contents: Contents,
    section: TableSection,
    figures: FiguresBySupplier,
    code: str,
    is_shown: Callable[[Row], bool] = lambda _: True,
) -> Section:
    """A section with the rows of one area, those that are shown."""
    found = figures.of(code)
    source = contents.sampled(found.source, "nation" if code == contents.areas.nation else code)
    rows = [row for row in found.rows if is_shown(row)]
    return section.of(replace(found, rows=rows, source=source))


def _headline(areas: AreaFigures, code: str) -> list[Headline]:
    row = areas.summaries[code]
    nation = areas.summaries.get(areas.nation, {})
    measured = areas.of_year(areas.measures, code, basis_code="register") or {}
    year = f"in {areas.latest}"
    if not measured.get("is_year_delivered", True):
        year = f"{year}, {delivered_of(measured)}"
    over = (
        measured.get("over_24_hours_children_count_lower"),
        measured.get("over_24_hours_children_count_upper"),
    )
    return [
        Headline(measure_name("children_missing"), counted(row["missing_children_count"]), year),
        Headline(
            measure_name("episodes_missing_or_away"),
            counted(row["episode_count"]),
            "of any category",
        ),
        Headline("Away over 24 hours", bounds(*over), "children, at least and at most"),
        Headline(
            "More than one absence", percent(row["repeat_share"]), _range(row, "repeat_share")
        ),
        Headline(
            "Known to both",
            percent(row["both_share"]),
            f"{_range(row, 'both_share')}; England {percent(nation.get('both_share'))}",
        ),
        Headline("Return interview held", percent(row["held_share"]), _range(row, "held_share")),
    ]


def _range(row: Row, share: str) -> str:
    lower, upper = row[f"{share}_lower"], row[f"{share}_upper"]
    return f"{percent(lower)} to {percent(upper)}" if lower is not None else "nothing expected"


def _trend(contents: Contents, code: str) -> Section:
    """Children and absences by month, with the months with which recording changes."""
    found = contents.areas.months.of(code)
    rows = found.rows[-MONTHS_SHOWN:]
    if not rows:
        return absent("trend", "Month by month", found)
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
    drawn = months_chart(months, "Children with an absence that began in each month", 240)
    columns: Columns = {
        "Month": text_of("month"),
        "#Children": count_of("children_count"),
        "#Absences": count_of("episode_count"),
    }
    caption = "Children and absences by month, newest first"
    return Section(
        "trend",
        "Month by month",
        ("A triangle marks a month from which this supplier certainly records otherwise.",)
        if steps
        else (),
        (Chart("Children with an absence that began in each month", drawn),),
        (table_of(caption, columns, rows[::-1], is_folded=True),),
        (found.source,),
    )


def _regions(contents: Contents) -> dict[str, str]:
    """The region of each authority."""
    rows = contents.published.read_records(
        "select authority_code_dfe, region_code_ons from register.dim_authorities where is_current"
    )
    return {row["authority_code_dfe"]: row["region_code_ons"] for row in rows}


def _peers(areas: AreaFigures, code: str, regions: dict[str, str]) -> list[Row]:
    """What an area is compared with: authorities of its region, or all areas of its kind."""
    level = areas.levels[code]
    if level == "nation":
        return areas.at_level("region")
    rows = areas.at_level(level)
    if level == "authority":
        rows = [row for row in rows if regions.get(row["area_code"]) == regions.get(code)]
    return rows


def _compared(areas: AreaFigures, code: str, peers: list[Row]) -> Section:
    """Peers with their intervals, and where the area lies in the funnel of all of its kind."""
    level = areas.levels[code]
    nation = areas.summaries.get(areas.nation, {})
    share = nation.get("both_share")
    ranked = sorted(
        peers, key=lambda row: (row["both_share"] is None, row["both_share"] or 0, row["name"])
    )
    drawn = []
    if any(row["both_share"] is not None for row in ranked):
        intervals = [
            Interval(
                row["name"],
                row["both_share"],
                row["both_share_lower"],
                row["both_share_upper"],
                row["area_code"] == code,
                "nothing that both should know",
            )
            for row in ranked
        ]
        chart = intervals_chart(intervals, "Share known to both sources, least first", share)
        drawn.append(Chart("Known to both sources, with 95% intervals; England is broken", chart))
    all_of_kind = areas.at_level("authority" if level == "nation" else level)
    placed = funnel_of(all_of_kind, code, share)
    if placed:
        kind = LEVEL_WORDS["authority" if level == "nation" else level][1].lower()
        caption = f"Known to both sources: {kind} by size, with limits of 95% and 99.8%"
        drawn.append(Chart(caption, placed))
    rows = [*peers, *([] if level == "nation" else [nation])]
    caption = f"Compared with {_with_whom(level)} in {areas.latest}"
    words = (
        "In the funnel, 19 of 20 areas lie within the inner lines and nearly all within the outer "
        "ones, if they differ by chance alone."
    )
    table = table_of(caption, COMPARED, [row for row in rows if row])
    sources = (areas.measures.source, areas.agreement.source)
    return Section(
        "peers", "Compared with others", (words,) if placed else (), drawn, (table,), sources
    )


def _with_whom(level: str) -> str:
    if level == "authority":
        return "the authorities of its region"
    return f"{'regions' if level == 'nation' else 'all ' + LEVEL_WORDS[level][1].lower()}"


def _delivered(card: Card | None) -> list[Section]:
    """What the area's own supplier delivered, in short, with the way to its page."""
    if card is None:
        return []
    columns: Columns = {figure.label: text_of(figure.label) for figure in card.delivered_headline}
    row = {figure.label: f"{figure.text} {figure.beside}" for figure in card.delivered_headline}
    table = table_of("What this area's supplier delivered", columns, [row])
    link = To("Deliveries, punctuality, completeness and rules", f"suppliers/{card.code}.html")
    text = "Figures of an area are as good as what its supplier delivers."
    return [Section("delivery", "Quality of delivery", (text,), tables=(table,), links=(link,))]
