"""When the sources differ: lags, durations and the trend; and what neither source has seen."""

from __future__ import annotations

from expectations.site import statistic_charts
from expectations.site.contents import Contents
from expectations.site.rendering import counted, percent, words
from expectations.site.sections import Chart, Section, Table, absent, number
from expectations.site.sources import Figures

LAGS = {
    "start_difference": "Start: authority less police",
    "end_difference": "End: authority less police",
    "police_reporting": "Last seen until reported to the police",
    "police_recording": "Start until the police delivered it",
    "authority_recording": "Start until the authority delivered it",
}
QUANTILES = ("p10", "p25", "median", "p75", "p90")
PERCENTILES = ("#10th", "#25th", "#Median", "#75th", "#90th")


def lags_section(figures: Figures) -> Section:
    """How far apart the two accounts are, and how late each is."""
    title = "How far apart in time"
    if not figures.rows:
        return absent("lags", title, figures)
    named = [(LAGS.get(row["lag_code"], str(row["lag_code"])), row) for row in figures.rows]
    drawn = statistic_charts.quantiles(
        [
            {"name": name, **{part: row[f"lag_{part}"] for part in QUANTILES}}
            for name, row in named
            if row["linkage_code"] == "central"
        ],
        "Hours (logarithmic)",
    )
    rows = [
        [
            name,
            words(row["linkage_code"]),
            counted(row["lag_count"]),
            *(number(row[f"lag_{part}"], 1) for part in QUANTILES),
        ]
        for name, row in named
    ]
    headings = ["Lag in hours", "Linkage", "#Known for", *PERCENTILES]
    text = (
        "The line reaches from the 10th to the 90th percentile, the bar over the middle half, the "
        "mark is the median; at central linkage, which is the register. Between two dates that may "
        "be the same moment the lag is nought. A lag of one report alone does not depend on "
        "linkage."
    )
    year = figures.rows[0]["collection_year"]
    return Section(
        "lags",
        title,
        (text,),
        (Chart(f"Lags in {year}", drawn),),
        (Table(f"Percentiles of lags in {year}", headings, rows),),
        (figures.source,),
    )


def durations_section(figures: Figures) -> Section:
    """By how much the durations of the two accounts differ (Bland and Altman)."""
    title = "How long: limits of agreement"
    if not figures.rows:
        return absent("durations", title, figures)
    rows = [
        [
            row["collection_year"],
            words(row["linkage_code"]),
            counted(row["difference_count"]),
            number(row["difference_mean"], 1),
            number(row["difference_median"], 1),
            f"{number(row['difference_lower_limit'], 1)} to "
            f"{number(row['difference_upper_limit'], 1)}",
        ]
        for row in figures.rows
    ]
    headings = [
        "Collection year",
        "Linkage",
        "#Absences",
        "#Mean",
        "#Median",
        "#95% limits of agreement",
    ]
    text = (
        "Duration by the authority less duration by the police, in hours, of absences that both "
        "hold and saw end. Nineteen in twenty differences lie within the limits of agreement. "
        "Central linkage is the register; strict and loose show how much depends on it."
    )
    table = Table("Differences of duration in hours", headings, rows)
    return Section("durations", title, (text,), tables=(table,), sources=(figures.source,))


def trend_section(contents: Contents) -> Section:
    """Agreement month by month, with the months at which suppliers' series step."""
    figures = contents.statistics.months
    title = "Month by month"
    if not figures.rows:
        return absent("trend", title, figures)
    values = [
        {"name": row["month"], "share": row["both_count"] / row["expected_count"]}
        for row in figures.rows
    ]
    drawn = statistic_charts.series(values, "Share held by both", contents.announced_breaks)
    rows = [
        [
            row["month"],
            counted(row["expected_count"]),
            counted(row["both_count"]),
            percent(row["both_count"] / row["expected_count"]),
        ]
        for row in reversed(figures.rows)
    ]
    headings = ["Month", "#Both should hold", "#Both do", "#Share"]
    return Section(
        "trend",
        title,
        ("Broken lines mark months at which the definitions in force change.",)
        if contents.announced_breaks
        else (),
        (Chart("Share held by both of what both should hold", drawn),),
        (Table("The same figures, newest first", headings, rows, is_folded=True),),
        (figures.source,),
    )


def unseen_section(figures: Figures) -> Section:
    """How many absences neither source holds, by what is assumed of their dependence."""
    title = "How many neither source holds"
    if not figures.rows:
        return absent("unseen", title, figures)
    rows = [
        [
            row["collection_year"],
            row["dependence_statement"],
            counted(row["seen_count"]),
            f"{counted(row['absence_estimate'])} ({counted(row['absence_estimate_lower'])} to "
            f"{counted(row['absence_estimate_upper'])})",
            percent(row["police_known_share"]),
            percent(row["authority_known_share"]),
        ]
        for row in figures.rows
    ]
    headings = [
        "Collection year",
        "What is assumed",
        "#Seen by either",
        "#Estimated in all (95% interval)",
        "#Known to the police",
        "#Known to an authority",
    ]
    text = (
        "Chapman's estimate from the two lists, for looked-after children. It stands or falls with "
        "how far being on one list goes with being on the other, which no data of two lists can "
        "say: each assumption is a row."
    )
    table = Table("Capture and recapture of looked-after children's absences", headings, rows)
    return Section("unseen", title, (text,), tables=(table,), sources=(figures.source,))


def breaks_section(contents: Contents) -> Section:
    """At which months suppliers' series step, announced or not."""
    figures = contents.statistics.breaks
    title = "Breaks in recording"
    if not figures.rows:
        return absent("breaks", title, figures)
    steps = [row for row in figures.rows if row["is_step"] and not row["is_announced"]]
    rows = [
        [
            contents.supplier_link(row["supplier_code"]),
            words(row["feed"]),
            words(row["category_code"]),
            row["month"],
            number(row["month_mean_before"], 1),
            number(row["month_mean_after"], 1),
            number(row["level_ratio"]),
        ]
        for row in steps
    ]
    headings = ["Supplier", "Feed", "Category", "From", "#A month before", "#After", "#Ratio"]
    text = (
        f"{len(steps)} steps that nothing announces: questions to the supplier. Definitions change "
        f"at {', '.join(contents.announced_breaks) or 'no month of these series'}."
    )
    tables = [Table("Steps that nobody announced, newest first", headings, rows)] if rows else []
    told = _announced_table(contents)
    return Section("breaks", title, (text,), tables=[*tables, *told], sources=(figures.source,))


def _announced_table(contents: Contents) -> list[Table]:
    """What suppliers announced of their own recording, where their series of all reports do."""
    rows = [
        [
            contents.supplier_link(row["supplier_code"]),
            words(row["feed"]),
            words(row["change_code"]),
            row["changed_from"],
            "Yes" if row["is_step"] else "No",
            number(row["month_mean_before"], 1),
            number(row["month_mean_after"], 1),
        ]
        for row in contents.statistics.breaks.rows
        if row["change_code"] and row["category_code"] == "every"
    ]
    headings = ["Supplier", "Feed", "Change", "From", "Steps", "#A month before", "#After"]
    return [Table("Changes that suppliers announced, newest first", headings, rows)] if rows else []
