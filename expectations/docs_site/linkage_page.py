"""The page of linkage: how sure is the register that two records are of the same child."""

from __future__ import annotations

from expectations.docs_site import statistic_charts
from expectations.docs_site.contents import Contents
from expectations.docs_site.rendering import Page, counted, moment, percent, words
from expectations.docs_site.sections import Chart, Section, Table, absent, interval
from expectations.docs_site.sources import Figures, Row

BASES = {
    "simulated_truth": "the truth of this simulated home",
    "clerical_sample": "the blind judgement of a clerical sample",
    "pinned_model": "the pinned model, as it was last measured (not this home's own data)",
}


def linkage_page(contents: Contents) -> Page:
    """How sure are we."""
    found = contents.linkage
    sections = [
        _quality(found.quality),
        _corrected(contents.statistics.corrected),
        _groups(contents),
        _reasons(found.confusion),
        _churn(found.churn),
        _events(found.events),
    ]
    path = "linkage.html"
    lead = (
        "Two records are linked when their match weight is high enough. Precision is the share of "
        "links that are right; recall is the share of true links that were found."
    )
    return Page(
        path, "sections.html", "How sure are we", path, {"lead": lead, "sections": sections}
    )


def _quality(figures: Figures) -> Section:
    title = "Precision and recall"
    if not figures.rows:
        return absent("quality", title, figures)
    rows = [
        [
            words(row["linkage"]),
            words(row["unit"]),
            BASES.get(row["basis"], str(row["basis"])),
            interval(row, "precision"),
            interval(row, "recall"),
            counted(row["false_count"]),
            counted(row["missed_count"]),
        ]
        for row in figures.rows
        if row["grouping"] == "all"
    ]
    headings = [
        "Linkage",
        "Counted by",
        "Measured against",
        "#Precision (95% interval)",
        "#Recall (95% interval)",
        "#False links",
        "#Missed links",
    ]
    text = (
        "Central is the register; strict and loose are the same records linked at a higher and a "
        "lower threshold, to show how much depends on it."
    )
    table = Table("Linkage as a whole", headings, rows)
    return Section("quality", title, (text,), tables=(table,), sources=(figures.source,))


def _corrected(figures: Figures) -> Section:
    title = "What it does to agreement"
    if not figures.rows:
        return absent("corrected", title, figures)
    rows = [
        [
            words(row["linkage_code"]),
            words(row["population_code"]),
            percent(row["both_share"]),
            interval(row, "corrected_both_share"),
            interval(row, "corrected_police_only_share"),
            interval(row, "corrected_authority_only_share"),
        ]
        for row in figures.rows
    ]
    headings = [
        "Linkage",
        "Children",
        "#Held by both",
        "#Both, corrected (95% interval)",
        "#Police only, corrected",
        "#Authority only, corrected",
    ]
    text = (
        "Of every absence, whoever should hold it. Corrected: errors of linkage and of timing made "
        "good, with an interval that carries what is not known of them."
    )
    table = Table(f"Agreement in {figures.rows[0]['collection_year']}", headings, rows)
    return Section("corrected", title, (text,), tables=(table,), sources=(figures.source,))


def _groups(contents: Contents) -> Section:
    figures = contents.linkage.quality
    title = "Is it as good for every group of children"
    rows = [
        row
        for row in figures.rows
        if row["grouping"] != "all" and row["linkage"] == "central" and row["unit"] == "pair"
    ]
    if not rows:
        return absent("groups", title, figures)
    by_grouping: dict[str, list[Row]] = {}
    for row in rows:
        by_grouping.setdefault(row["grouping"], []).append(row)
    headings = ["Group", "#Precision (95% interval)", "#Recall (95% interval)", "#True links"]
    tables = [
        Table(
            f"By {words(grouping).lower()}",
            headings,
            [
                [
                    contents.area_name(row["group_value"])
                    if row["group_value"] in contents.names
                    else words(row["group_value"]),
                    interval(row, "precision"),
                    interval(row, "recall"),
                    counted(row["true_count"]),
                ]
                for row in members
            ],
            is_folded=len(members) > 12,
        )
        for grouping, members in by_grouping.items()
    ]
    text = "Names and dates of birth are recorded unequally well; so are children linked."
    return Section("groups", title, (text,), tables=tables, sources=(figures.source,))


def _reasons(figures: Figures) -> Section:
    title = "Are the reasons right"
    if not figures.rows:
        return absent("reasons", title, figures)
    known = [row for row in figures.rows if row["true_reason_code"] != "unknown"]
    total = sum(row["row_count"] for row in known)
    right = sum(row["row_count"] for row in known if row["is_right"])
    rows = [
        [
            row["true_reason_code"],
            row["assigned_reason_code"],
            counted(row["row_count"]),
            percent(row["true_reason_share"]),
        ]
        for row in figures.rows
    ]
    headings = ["True reason", "Assigned", "#Absences", "#Share of the true reason"]
    text = (
        f"Against the truth of a simulated home {percent(right / total if total else None)} of "
        f"{counted(total)} differences have the right reason."
    )
    table = Table("Assigned against true reasons", headings, rows, is_folded=True)
    return Section("reasons", title, (text,), tables=(table,), sources=(figures.source,))


def _churn(figures: Figures) -> Section:
    title = "How stable are the keys"
    if not figures.rows:
        return absent("churn", title, figures)
    rows = [
        [
            row["generation_id"],
            counted(row["mention_count"]),
            counted(row["created_count"]),
            counted(row["merged_count"]),
            counted(row["split_count"]),
            counted(row["moved_count"]),
            percent(row["churn_share"]),
        ]
        for row in reversed(figures.rows)
    ]
    headings = [
        "Generation",
        "#Records",
        "#New children",
        "#Merged",
        "#Split",
        "#Moved",
        "#Churn",
    ]
    values = [
        {"name": moment(row["generation_id"]), "share": row["churn_share"]}
        for row in figures.rows
        if row["churn_share"] is not None
    ]
    drawn = (
        (Chart("Share of known records that became another child", _drawn(values)),)
        if len(values) > 1
        else ()
    )
    text = "Churn is the share of records known before that became another child with a load."
    table = Table("Keys by generation, newest first", headings, rows)
    return Section("churn", title, (text,), drawn, (table,), (figures.source,))


def _drawn(values: list[Row]) -> str:
    return statistic_charts.series(values[-24:], "Churn")


def _events(figures: Figures) -> Section:
    title = "What became of keys"
    if not figures.rows:
        return absent("events", title, figures)
    rows = [[words(row["event_code"]), counted(row["event_count"])] for row in figures.rows]
    table = Table("Events of keys in this generation", ["Event", "#Keys"], rows)
    text = "`register key show <key>` shows the history of one key."
    return Section("events", title, (text,), tables=(table,), sources=(figures.source,))
