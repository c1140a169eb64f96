"""The page of linkage: how sure is the register that two records are of the same child."""

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
    Columns,
    Page,
    Section,
    TableSection,
    absent,
    count_of,
    counted,
    interval_of,
    moment,
    number_of,
    percent,
    sections_page,
    share_of,
    table_of,
    text_of,
    words,
    words_of,
)
from interfaces.quality_site.site_charts import Month, shares_chart

RUNS_DRAWN = 24
BASES = {
    "simulated_truth": "the truth of this simulated home",
    "clerical_sample": "the blind judgement of a clerical sample",
    "assumed_range": "nothing in this home: a range that other linkages have reached",
}
CORRECTIONS = {
    "estimate": "error rates of this home: a clerical sample, or absences that coincide",
    "bounds": "assumed range: bounds alone",
}
QUALITY = TableSection(
    "quality",
    "Precision and recall",
    "Central is the register. Strict and loose are the same records linked at a higher and a "
    "lower threshold. They show how much depends on the threshold.",
    "Linkage as a whole",
    {
        "Linkage": words_of("linkage"),
        "Counted by": words_of("unit"),
        "Measured against": lambda row: BASES.get(row["basis"], str(row["basis"])),
        "#Precision (95% interval)": interval_of("precision"),
        "#Recall (95% interval)": interval_of("recall"),
        "#False links": count_of("false_count"),
        "#Missed links": count_of("missed_count"),
    },
)
CORRECTED = TableSection(
    "corrected",
    "What it does to agreement",
    "Of every absence, whoever should know it, and of those that both should know. Corrected "
    "shares make good the errors of linkage and of timing, by the error rates of this home. These "
    "are of a clerical sample (`register identity clerical-sample`). Without one they are of "
    "absences of two children that begin and end together more often than chance allows. At other "
    "thresholds, and where too few coincide, there are bounds alone, under a range of error rates "
    "that is wide on purpose.",
    "Agreement in {collection_year}",
    {
        "Linkage": words_of("linkage_code"),
        "Children": words_of("population_code"),
        "Corrected by": lambda row: CORRECTIONS.get(row["correction_code"], "nothing"),
        "#Known to both": share_of("both_share"),
        "#Both, corrected (95% interval)": interval_of("corrected_both_share"),
        "#Police only, corrected": interval_of("corrected_police_only_share"),
        "#Authority only, corrected": interval_of("corrected_authority_only_share"),
        "#Both, of those expected of both, corrected": interval_of(
            "corrected_both_when_expected_share"
        ),
    },
)
HELD_OUT_GROUPINGS = ("all", "part", "unaccompanied", "origin")
HELD_OUT: Columns = {
    "Group": text_of("group_name"),
    "Nation": lambda row: f"{words(row['nation_code'])}, seed {row['nation_seed']}",
    "#Children": count_of("child_count"),
    "#Precision (95% interval)": interval_of("precision"),
    "#Recall (95% interval)": interval_of("recall"),
    "#Listed for review": share_of("review_share"),
    "#Neither": share_of("unlisted_share"),
    "#False merges per 10,000": number_of("false_merges_per_10000", 1),
}
RECALL_AT: Columns = {
    "Group": text_of("group_name"),
    "Nation": HELD_OUT["Nation"],
    **{f"#Recall, {linkage}": interval_of(linkage) for linkage in ("strict", "central", "loose")},
}
ACCURACY: Columns = {
    "Disagreements": words_of("status"),
    "#With a known cause": count_of("known_count"),
    "#Right (95% interval)": interval_of("right_share"),
    "#Right by the first cause alone": share_of("primary_right_share"),
    "#Five lines of CASE": share_of("five_lines_right_share"),
    "#Always D1": share_of("always_home_right_share"),
    "#Unexplained (D0)": count_of("unexplained_count"),
}
REASONS: Columns = {
    "True reason": text_of("true_reason_code"),
    "Assigned": text_of("assigned_reason_code"),
    "#Absences": count_of("row_count"),
    "#Share of the true reason": share_of("true_reason_share"),
}
CHURN = TableSection(
    "churn",
    "How stable are the keys",
    "Churn is the share of records known before that became another child with a load.",
    "Keys by generation, newest first",
    {
        "Generation": text_of("generation_id"),
        "#Records": count_of("mention_count"),
        "#New children": count_of("created_count"),
        "#Merged": count_of("merged_count"),
        "#Split": count_of("split_count"),
        "#Moved": count_of("moved_count"),
        "#Churn": share_of("churn_share"),
    },
)
MOST_DRIFTED = 12
DRIFT = TableSection(
    "drift",
    "Is the model one of records like these",
    "A weight says how much a level of agreement counts for one child, in bits. Beside that of the "
    "model: the weight that the pairs of this generation would give the level. `register identity "
    "train` learns a model from the records of this home, and compares it with the one in use.",
    "Levels by how far they are off for an average pair",
    {
        "Comparison": words_of("comparison_code"),
        "Level": words_of("level_code"),
        "#Pairs of one child on it": share_of("match_share"),
        "#Weight in the model": number_of("weight_model"),
        "#Weight by these records": number_of("weight_home"),
        "#Off by": number_of("drift"),
    },
)
EVENTS = TableSection(
    "events",
    "What became of keys",
    "`register key show <key>` shows the history of one key.",
    "Events of keys in this generation",
    {"Event": words_of("event_code"), "#Keys": count_of("event_count")},
)


def linkage_page(contents: Contents) -> Page:
    """How sure are we."""
    published = contents.published
    quality = _read_quality(published)
    whole = [row for row in quality.rows if row["grouping"] == "all"]
    events = read_counts(
        published,
        Source("register.fct_identity_events"),
        "count(*) as event_count",
        "event_code",
        order="event_count desc",
    )
    sections = [
        QUALITY.of(replace(quality, rows=whole)),
        CORRECTED.of(_read_corrected(contents)),
        _groups(contents, quality),
        _held_out(published),
        _reasons(published),
        DRIFT.of(_read_drift(published)),
        _churn(published),
        EVENTS.of(events),
    ]
    lead = (
        "Two records are linked when their match weight is high enough. Precision is the share of "
        "links that are right; recall is the share of true links that were found."
    )
    return sections_page("linkage.html", "How sure are we", lead, sections)


def _read_quality(published: Published) -> Figures:
    """What this home measured, and in a simulation what its truth says: the truth is first."""
    order = "order by unit desc, linkage, grouping, group_value"
    found = read_figures(published, Source("quality.agg_linkage_quality"), ending=order)
    truth = read_figures(published, Source("quality.agg_linkage_accuracy_by_group"), ending=order)
    told = [{**row, "basis": "simulated_truth"} for row in truth.rows]
    return replace(found, rows=[*told, *found.rows])


def _read_drift(published: Published) -> Figures:
    """The levels that matter most; a generation of a former release has none."""
    return read_figures(
        published,
        Source("quality.agg_linkage_weight_drift_by_level", "not is_fixed and drift is not null"),
        ending=f"order by drift_by_use desc, comparison_code, level_place limit {MOST_DRIFTED}",
    )


def _read_corrected(contents: Contents) -> Figures:
    return read_nation(
        contents.published,
        "agg_agreement_corrected_by_linkage",
        "population_code in ('every_child', 'looked_after') "
        f"and collection_year = '{contents.latest}'",
        "population_code, linkage_code",
    )


def _groups(contents: Contents, figures: Figures) -> Section:
    """Precision and recall of every group, a table for each way of grouping."""
    title = "Is it as good for every group of children"
    groupings: dict[str, list[Row]] = {}
    rows = [row for row in figures.rows if row["basis"] == figures.rows[0]["basis"]]
    for row in rows:
        if row["grouping"] != "all" and row["linkage"] == "central" and row["unit"] == "pair":
            groupings.setdefault(row["grouping"], []).append(row)
    if not groupings:
        return absent("groups", title, figures)
    columns: Columns = {
        "Group": lambda row: contents.names.get(row["group_value"], words(row["group_value"])),
        "#Precision (95% interval)": interval_of("precision"),
        "#Recall (95% interval)": interval_of("recall"),
        "#True links": count_of("true_count"),
    }
    tables = [
        table_of(f"By {words(grouping).lower()}", columns, members, is_folded=len(members) > 12)
        for grouping, members in groupings.items()
    ]
    text = "Names and dates of birth are recorded unequally well; so are children linked."
    return Section("groups", title, (text,), tables=tables, sources=(figures.source,))


def _held_out(published: Published) -> Section:
    """What the pinned model reached on nations that nobody developed on, the worse one first."""
    title = "What the model reached on nations that it never saw"
    shown = Source("quality.agg_linkage_held_out_by_group", "scope_code = 'all'")
    between = replace(shown, filter="scope_code = 'between' and grouping_code = 'linkage_group'")
    order = "order by recall, nation_code, nation_seed"
    figures = read_figures(published, shown, ending=order)
    at_thresholds = read_figures(published, between, ending=order)
    rows = [row for row in figures.rows if row["grouping_code"] in HELD_OUT_GROUPINGS]
    if not rows:
        return absent("held-out", title, figures)
    rows.sort(key=lambda row: HELD_OUT_GROUPINGS.index(row["grouping_code"]))
    # A training nation names ethnicities, which the worse nation does not have.
    of_training = ("origin", "training")
    headline = [
        row
        for row in rows
        if row["is_headline"] and (row["grouping_code"], row["nation_code"]) != of_training
    ]
    model = rows[0]["model_version"]
    texts = (
        "No figure here is of this home. Three simulated nations went the whole path of a load. "
        "Two have names, families and clerks unlike those of the training set (validation). One is "
        "by the training set's own maker (training). For each group the worse nation is shown "
        "first. What is not linked is listed for review, or neither.",
        "The groups whose names each clerk spells anew are missed most. Bounds of small areas go "
        "down to the recall of the worst served group where no clerical sample was judged.",
    )
    tables = (
        table_of(f"The worse nation of each group, model {model}", HELD_OUT, headline),
        table_of("Every nation", HELD_OUT, rows, is_folded=True),
        table_of(
            "Between the sources, by threshold",
            RECALL_AT,
            _by_threshold(at_thresholds.rows),
            is_folded=True,
        ),
    )
    return Section("held-out", title, texts, tables=tables, sources=(figures.source,))


def _by_threshold(rows: list[Row]) -> list[Row]:
    """A row for each nation and group, with the recall at every threshold and its interval."""
    united: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row["nation_code"], str(row["nation_seed"]), row["group_name"])
        known = united.setdefault(key, dict(row))
        for end in ("", "_lower", "_upper"):
            known[f"{row['linkage_code']}{end}"] = row[f"recall{end}"]
    return list(united.values())


def _reasons(published: Published) -> Section:
    """How often the reason is the true one, beside what two rules without any sign reach."""
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
    title = "Are the reasons right"
    whole = next((row for row in accuracy.rows if row["status"] == "all"), None)
    if whole is None:
        return absent("reasons", title, accuracy)
    text = (
        f"Measured on {simulated_nation(accuracy.rows)} {percent(whole['right_share'])} of "
        f"{counted(whole['known_count'])} disagreements whose cause is known have the right "
        f"reason. Five lines of CASE reach {percent(whole['five_lines_right_share'])}, and always "
        f"D1 {percent(whole['always_home_right_share'])}. A simulation has the causes that "
        "its makers thought of; no figure here is one of real data."
    )
    tables = (
        table_of("How often the reason is right, beside its baselines", ACCURACY, accuracy.rows),
        table_of("Assigned against true reasons", REASONS, confusion.rows, is_folded=True),
    )
    return Section(
        "reasons", title, (text,), tables=tables, sources=(accuracy.source, confusion.source)
    )


def simulated_nation(rows: list[Row]) -> str:
    """Which simulated nation figures are of, by the profile and seed of its accuracy."""
    if not rows or rows[0]["simulation_profile"] is None:
        return "a simulated nation that does not say which it is"
    return (
        f"the simulated nation of the {rows[0]['simulation_profile']} profile, "
        f"seed {rows[0]['simulation_seed']},"
    )


def _churn(published: Published) -> Section:
    figures = read_figures(
        published,
        Source("quality.agg_identity_churn_by_generation"),
        ending="order by generation_id desc",
    )
    values = [
        Month(moment(row["generation_id"]), row["churn_share"])
        for row in reversed(figures.rows)
        if row["churn_share"] is not None
    ]
    drawn = []
    if len(values) > 1:
        caption = "Share of known records that became another child"
        drawn.append(Chart(caption, shares_chart(values[-RUNS_DRAWN:], caption)))
    return CHURN.of(figures, drawn)
