"""Sections of the page of agreement about time: lags, durations, months, breaks in recording."""

from __future__ import annotations

from expectations import Published
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    LEAST_EPISODES,
    Figures,
    Row,
    Source,
    read_figures,
    read_nation,
)
from interfaces.quality_site.sections import (
    Chart,
    Columns,
    Section,
    TableSection,
    absent,
    count_of,
    expected_of,
    number,
    number_of,
    percent,
    table_of,
    text_of,
    words_of,
)
from interfaces.quality_site.site_charts import Lag, Month, lags_chart, shares_chart

LAG_NAMES = {
    "start_difference": "Start: authority less police",
    "end_difference": "End: authority less police",
    "police_reporting": "Last seen until reported to the police",
    "police_recording": "Start until the police delivered it",
    "authority_recording": "Start until the authority delivered it",
}
QUANTILES = ("p10", "p25", "median", "p75", "p90")


def _lag_name(row: Row) -> str:
    return LAG_NAMES.get(row["lag_code"], str(row["lag_code"]))


LAGS = TableSection(
    "lags",
    "How far apart in time",
    "The line reaches from the 10th to the 90th percentile, the bar covers the middle half, and "
    "the mark is the median. All are at central linkage, which is the register. The lag between "
    "two dates that may be the same moment is 0. A lag within one report does not depend on "
    "linkage.",
    "Percentiles of lags in {collection_year}",
    {
        "Lag in hours": _lag_name,
        "Linkage": words_of("linkage_code"),
        "#Known for": count_of("lag_count"),
        "#10th": number_of("lag_p10", 1),
        "#25th": number_of("lag_p25", 1),
        "#Median": number_of("lag_median", 1),
        "#75th": number_of("lag_p75", 1),
        "#90th": number_of("lag_p90", 1),
    },
)
DURATIONS = TableSection(
    "durations",
    "How long: limits of agreement",
    "Duration by the authority less duration by the police, in hours, of absences that both "
    "hold and saw end. Nineteen in twenty differences lie within the limits of agreement. "
    "Central linkage is the register; strict and loose show how much depends on it.",
    "Differences of duration in hours",
    {
        "Collection year": text_of("collection_year"),
        "Linkage": words_of("linkage_code"),
        "#Absences": count_of("difference_count"),
        "#Mean": number_of("difference_mean", 1),
        "#Median": number_of("difference_median", 1),
        "#95% limits of agreement": lambda row: (
            f"{number(row['difference_lower_limit'], 1)} to "
            f"{number(row['difference_upper_limit'], 1)}"
        ),
    },
)
MONTHS: Columns = {
    "Month": text_of("month"),
    "#Both should know": expected_of("expected_count"),
    "#Known to both: count": count_of("both_count"),
    "#Share": lambda row: percent(row["both_count"] / row["expected_count"]),
}


def lags_section(figures: Figures) -> Section:
    """How far apart the two accounts are, and how late each is; drawn at central linkage alone."""
    if not figures.rows:
        return LAGS.of(figures)
    values = [
        Lag(_lag_name(row), **{part: row[f"lag_{part}"] for part in QUANTILES})
        for row in figures.rows
        if row["linkage_code"] == "central"
    ]
    drawn = lags_chart(values, "Hours (logarithmic)")
    year = figures.rows[0]["collection_year"]
    return LAGS.of(figures, (Chart(f"Lags in {year}", drawn),))


def durations_section(published: Published) -> Section:
    """By how much the durations of the two accounts differ (Bland and Altman)."""
    figures = read_nation(
        published,
        "agg_duration_agreement_by_area_year",
        "population_code = 'every_child'",
        "collection_year desc, linkage_code",
    )
    return DURATIONS.of(figures)


def months_section(published: Published, announced_breaks: list[str]) -> Section:
    """Agreement month by month, with the months in which definitions change."""
    figures = read_figures(
        published,
        Source("agreement.agg_agreement_by_authority_force_month", "start_month is not null"),
        """
        strftime(start_month, '%Y-%m') as month,
        cast(sum(both_expected_count) as bigint) as expected_count,
        cast(sum(both_when_expected_count) as bigint) as both_count
        """,
        "group by start_month having sum(both_expected_count) >= "
        f"{LEAST_EPISODES} order by start_month",
    )
    title = "Month by month"
    if not figures.rows:
        return absent("trend", title, figures)
    values = [
        Month(
            row["month"],
            row["both_count"] / row["expected_count"],
            row["month"] in announced_breaks,
        )
        for row in figures.rows
    ]
    drawn = shares_chart(values, "Known to both sources, month by month")
    text = "Broken lines mark months at which the definitions in force change."
    caption = "The same figures, newest first"
    return Section(
        "trend",
        title,
        (text,) if announced_breaks else (),
        (Chart("Known to both sources, of what both should know", drawn),),
        (table_of(caption, MONTHS, figures.rows[::-1], is_folded=True),),
        (figures.source,),
    )


def breaks_section(contents: Contents) -> Section:
    """At which months suppliers' series step, announced or not."""
    figures = contents.recording_breaks
    title = "Breaks in recording"
    if not figures.rows:
        return absent("breaks", title, figures)
    steps = [row for row in figures.rows if row["is_step"] and not row["is_announced"]]
    # What suppliers announced of their own recording, where their series of all reports do.
    announced = [
        row for row in figures.rows if row["change_code"] and row["category_code"] == "every"
    ]
    supplier: Columns = {
        "Supplier": lambda row: contents.supplier_link(row["supplier_code"]),
        "Feed": words_of("feed"),
    }
    step_columns: Columns = supplier | {
        "Category": words_of("category_code"),
        "From": text_of("month"),
        "#A month before": number_of("month_mean_before", 1),
        "#After": number_of("month_mean_after", 1),
        "#Ratio": number_of("level_ratio"),
    }
    change_columns: Columns = supplier | {
        "Change": words_of("change_code"),
        "From": text_of("changed_from"),
        "Steps": lambda row: "Yes" if row["is_step"] else "No",
        "#A month before": number_of("month_mean_before", 1),
        "#After": number_of("month_mean_after", 1),
    }
    text = (
        f"{len(steps)} steps that nobody announced. Ask the supplier about each. Definitions "
        f"change at {', '.join(contents.announced_breaks) or 'no month of these series'}."
    )
    tables = [
        table_of(caption, columns, rows)
        for caption, columns, rows in (
            ("Steps that nobody announced, newest first", step_columns, steps),
            ("Changes that suppliers announced, newest first", change_columns, announced),
        )
        if rows
    ]
    return Section("breaks", title, (text,), tables=tables, sources=(figures.source,))
