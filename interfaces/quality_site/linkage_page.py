"""The page of linkage: how reliably the register finds that two records are of the same child."""

from __future__ import annotations

from dataclasses import replace

from expectations import Published
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import (
    Figures,
    Row,
    Source,
    read_counts,
    read_figures,
    read_nation,
)
from interfaces.quality_site.sections import (
    Chart,
    Page,
    Section,
    build_section,
    build_sections_page,
    build_table,
    code_to_label,
    format_count,
    format_generation_time,
    format_percent,
)
from interfaces.quality_site.site_charts import Month, draw_shares

DRAWN_RUNS = 24
SHOWN_LEVELS = 12
# A table of groups is folded if it has more rows than this.
UNFOLDED_GROUPS = 12
BASES = {
    "simulated_truth": "the truth of this simulated home",
    "clerical_sample": "the blind judgement of a clerical sample",
    "assumed_range": "no measurement of this home, but a range that other linkages have reached",
}
CORRECTIONS = {
    "estimate": "error rates of this home, from a clerical sample or from absences that coincide",
    "bounds": "an assumed range of error rates, so that the share is a range",
}
HELD_OUT_GROUPINGS = ("all", "part", "unaccompanied", "origin")


def build_linkage_page(contents: Contents) -> Page:
    """Build the page about how certain the links between records are."""
    published = contents.published
    quality = _read_quality(published)
    events = read_counts(
        published,
        Source("register.fct_identity_events"),
        "count(*) as event_count",
        "event_code",
        order="event_count desc",
    )
    overall = [row for row in quality.rows if row["grouping"] == "all"]
    sections = [
        build_section("linkage.quality", replace(quality, rows=overall)),
        build_section("linkage.corrected", _read_corrected(contents)),
        _build_groups_section(contents, quality),
        _build_held_out_section(published),
        _build_reasons_section(published),
        build_section("linkage.drift", _read_drift(published)),
        _build_churn_section(published),
        build_section("linkage.events", events),
    ]
    lead = (
        "Two records are linked when their match weight is high enough. Precision is the share of "
        "links that are right; recall is the share of true links that were found."
    )
    return build_sections_page("linkage.html", "How sure are we", lead, sections)


def _read_quality(published: Published) -> Figures:
    """Return the quality of linkage, first against a simulation's truth, then as estimated."""
    order = "order by unit desc, linkage, grouping, group_value"
    estimates = read_figures(published, Source("quality.agg_linkage_quality"), ending=order)
    truth = read_figures(published, Source("quality.agg_linkage_accuracy_by_group"), ending=order)
    rows = [*({**row, "basis": "simulated_truth"} for row in truth.rows), *estimates.rows]
    rows = [{**row, "basis_name": BASES.get(row["basis"], row["basis"])} for row in rows]
    return replace(estimates, rows=rows)


def _read_drift(published: Published) -> Figures:
    """Return the levels whose drift affects most matches; empty for an earlier version's build."""
    return read_figures(
        published,
        Source("quality.agg_linkage_weight_drift_by_level", "not is_fixed and drift is not null"),
        ending=f"order by drift_by_use desc, comparison_code, level_place limit {SHOWN_LEVELS}",
    )


def _read_corrected(contents: Contents) -> Figures:
    figures = read_nation(
        contents.published,
        "agg_agreement_corrected_by_linkage",
        "population_code in ('every_child', 'looked_after') "
        f"and collection_year = '{contents.latest_year}'",
        "population_code, linkage_code",
    )
    for row in figures.rows:
        row["correction_name"] = CORRECTIONS.get(row["correction_code"], "nothing")
    return figures


def _build_groups_section(contents: Contents, figures: Figures) -> Section:
    """Show precision and recall of every group, with a table for each way of grouping."""
    groupings: dict[str, list[Row]] = {}
    for row in figures.rows:
        if (
            row["basis"] == figures.rows[0]["basis"]
            and row["grouping"] != "all"
            and row["linkage"] == "central"
            and row["unit"] == "pair"
        ):
            group = row["group_value"]
            name = contents.names.get(group, code_to_label(group))
            groupings.setdefault(row["grouping"], []).append({**row, "group_name": name})
    if not groupings:
        return build_section("linkage.groups", replace(figures, rows=[]))
    tables = [
        build_table(
            "linkage.groups",
            rows,
            is_folded=len(rows) > UNFOLDED_GROUPS,
            grouping_name=code_to_label(grouping).lower(),
        )
        for grouping, rows in groupings.items()
    ]
    return build_section("linkage.groups", figures, tables=tables)


def _build_held_out_section(published: Published) -> Section:
    """Show linkage quality on simulated nations not used in development, lowest recall first."""
    source = Source("quality.agg_linkage_held_out_by_group", "scope_code = 'all'")
    order = "order by recall, nation_code, nation_seed"
    figures = read_figures(published, source, ending=order)
    between = "scope_code = 'between' and grouping_code = 'linkage_group'"
    at_thresholds = read_figures(published, replace(source, filter=between), ending=order)
    for row in (*figures.rows, *at_thresholds.rows):
        row["nation_name"] = f"{code_to_label(row['nation_code'])}, seed {row['nation_seed']}"
    rows = [row for row in figures.rows if row["grouping_code"] in HELD_OUT_GROUPINGS]
    rows.sort(key=lambda row: HELD_OUT_GROUPINGS.index(row["grouping_code"]))
    # In the training nation, groups by origin are ethnicities, which no other nation has. So the
    # headline leaves them out.
    headline = [
        row
        for row in rows
        if row["is_headline"]
        and (row["grouping_code"], row["nation_code"]) != ("origin", "training")
    ]
    tables = [
        build_table(
            "linkage.held-out", headline, model_version=rows[0]["model_version"] if rows else ""
        ),
        build_table("linkage.every-nation", rows, is_folded=True),
        build_table("linkage.thresholds", _pivot_thresholds(at_thresholds.rows), is_folded=True),
    ]
    return build_section("linkage.held-out", replace(figures, rows=rows), tables=tables)


def _pivot_thresholds(rows: list[Row]) -> list[Row]:
    """Return a row for each nation and group, with the recall at each threshold."""
    pivoted: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row["nation_code"], str(row["nation_seed"]), row["group_name"])
        merged = pivoted.setdefault(key, dict(row))
        for end in ("", "_lower", "_upper"):
            merged[f"{row['linkage_code']}{end}"] = row[f"recall{end}"]
    return list(pivoted.values())


def _build_reasons_section(published: Published) -> Section:
    """Show how often the register's reason is the true one, compared with two simple rules."""
    accuracy = read_figures(
        published,
        Source("quality.agg_reason_accuracy"),
        ending="order by known_count desc, status",
    )
    confusion = read_figures(
        published,
        Source("quality.agg_reason_confusion"),
        ending="order by true_reason_code, row_count desc, assigned_reason_code",
    )
    overall = next((row for row in accuracy.rows if row["status"] == "all"), None)
    if overall is None:
        return build_section("linkage.reasons", replace(accuracy, rows=[]))
    tables = (
        build_table("linkage.reasons", accuracy.rows),
        build_table("linkage.confusion", confusion.rows, is_folded=True),
    )
    section = build_section(
        "linkage.reasons",
        accuracy,
        tables=tables,
        nation=describe_simulated_nation(accuracy.rows),
        right=format_percent(overall["right_share"]),
        known=format_count(overall["known_count"]),
        five_lines=format_percent(overall["five_lines_right_share"]),
        always_home=format_percent(overall["always_home_right_share"]),
    )
    return replace(section, sources=(accuracy.source, confusion.source))


def describe_simulated_nation(rows: list[Row]) -> str:
    """Describe the simulated nation behind the figures, by its profile and seed."""
    if not rows or rows[0]["simulation_profile"] is None:
        return "a simulated nation whose profile and seed were not recorded,"
    return (
        f"the simulated nation of the {rows[0]['simulation_profile']} profile, "
        f"seed {rows[0]['simulation_seed']},"
    )


def _build_churn_section(published: Published) -> Section:
    figures = read_figures(
        published,
        Source("quality.agg_identity_churn_by_generation"),
        ending="order by generation_id desc",
    )
    months = [
        Month(format_generation_time(row["generation_id"]), row["churn_share"])
        for row in reversed(figures.rows)
        if row["churn_share"] is not None
    ]
    charts = []
    if len(months) > 1:
        caption = "Share of known records that moved to another child"
        charts.append(Chart(caption, draw_shares(months[-DRAWN_RUNS:], caption)))
    return build_section("linkage.churn", figures, charts)
