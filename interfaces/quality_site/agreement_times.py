"""Sections about time on the page of agreement: lags, durations, months, changes in recording."""

from __future__ import annotations

from expectations import Published
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    MIN_RANKED_ABSENCES,
    Figures,
    Source,
    read_figures,
    read_nation,
)
from interfaces.quality_site.sections import Chart, Section, build_section, build_table
from interfaces.quality_site.site_charts import Lag, Month, draw_lags, draw_shares

LAG_NAMES = {
    "start_difference": "Start: authority minus police",
    "end_difference": "End: authority minus police",
    "police_reporting": "Last seen until reported to the police",
    "police_recording": "Start until the police delivered the report",
    "authority_recording": "Start until the authority delivered the report",
}
QUANTILES = ("p10", "p25", "median", "p75", "p90")


def build_lags_section(figures: Figures) -> Section:
    """Show how far apart the two sources' times are, and how late each source is.

    The chart has only the lags at the central threshold for links.
    """
    for row in figures.rows:
        row["lag_name"] = LAG_NAMES.get(row["lag_code"], row["lag_code"])
    lags = [
        Lag(row["lag_name"], **{part: row[f"lag_{part}"] for part in QUANTILES})
        for row in figures.rows
        if row["linkage_code"] == "central"
    ]
    if not lags:
        return build_section("agreement.lags", figures)
    caption = f"Lags in {figures.rows[0]['collection_year']}"
    chart = Chart(caption, draw_lags(lags, "Hours (logarithmic)"))
    return build_section("agreement.lags", figures, [chart])


def build_durations_section(published: Published) -> Section:
    """Show how much the durations that two sources recorded differ (Bland and Altman)."""
    figures = read_nation(
        published,
        "agg_duration_agreement_by_area_year",
        "population_code = 'every_child'",
        "collection_year desc, linkage_code",
    )
    return build_section("agreement.durations", figures)


def build_months_section(published: Published, announced_breaks: list[str]) -> Section:
    """Show agreement month by month, and mark the months in which definitions change."""
    figures = read_figures(
        published,
        Source("agreement.agg_agreement_by_authority_force_month", "start_month is not null"),
        """
        strftime(start_month, '%Y-%m') as month,
        cast(sum(both_expected_count) as bigint) as expected_count,
        cast(sum(both_when_expected_count) as bigint) as both_count
        """,
        "group by start_month having sum(both_expected_count) >= "
        f"{MIN_RANKED_ABSENCES} order by start_month",
    )
    months = [
        Month(
            row["month"],
            row["both_count"] / row["expected_count"],
            row["month"] in announced_breaks,
        )
        for row in figures.rows
    ]
    return build_section(
        "agreement.trend",
        figures,
        [
            Chart(
                "Known to both sources, as a share of absences that should be known to both",
                draw_shares(months, "Known to both sources, month by month"),
            )
        ],
        [build_table("agreement.trend", figures.rows[::-1], is_folded=True)],
        breaks="Dashed lines mark months in which definitions change." if announced_breaks else "",
    )


def build_breaks_section(contents: Contents) -> Section:
    """Show the months from which a supplier's counts are much higher or lower than before."""
    figures = contents.recording_breaks
    rows = [
        {
            **row,
            "link": contents.link_supplier(row["supplier_code"]),
            "step": "Yes" if row["is_step"] else "No",
        }
        for row in figures.rows
    ]
    steps = [row for row in rows if row["is_step"] and not row["is_announced"]]
    # Show each announcement once, in the row of the supplier's series over all categories.
    announced = [row for row in rows if row["change_code"] and row["category_code"] == "every"]
    return build_section(
        "agreement.breaks",
        figures,
        tables=[
            build_table(name, listed)
            for name, listed in (("agreement.breaks", steps), ("agreement.announced", announced))
            if listed
        ],
        unannounced=_describe_unannounced(len(steps)),
        announced=", ".join(contents.announced_breaks) or "no month of these series",
    )


def _describe_unannounced(count: int) -> str:
    """Say how many changes of level were not announced, and what follows."""
    if not count:
        return "Every change of level was announced."
    if count == 1:
        return "1 change of level was not announced. Ask the supplier about it."
    return f"{count} changes of level were not announced. Ask the suppliers about them."
