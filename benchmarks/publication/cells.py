"""The counted files of a release, as queries over the episodes of `nation_of_episodes.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

from official_statistics import data_set_named, read_data_sets

TOTAL = "Total"
ABOVE = ("National", "Regional")
ALL = (*ABOVE, "Local authority")


@dataclass(frozen=True)
class Dataset:
    """A published file: its geographic levels and filters, and the measures of each child.

    `spread` is a table expression over the table `base`. It gives one row for each episode and set
    of items.
    """

    levels: tuple[str, ...]
    filters: tuple[str, ...]
    spread: str
    # For each measure, the SQL expression that aggregates a child's rows into the child's
    # contribution.
    measures: dict[str, str] = field(default_factory=lambda: {"episode_count": "count(*)"})


def _repeat_with_total(name: str, rows: str) -> str:
    """Return SQL that repeats each row: once with its own item, once with the filter's Total."""
    return f"(select * exclude ({name}), unnest(['Total', {name}]) as {name} from {rows} as rows_)"


_CARE = _repeat_with_total("care_status", "base")
_CARE_AND_CATEGORY = _repeat_with_total("absence_category", _CARE)

RISK = "Police risk level"
NO_INCIDENT, NO_RISK = "No police missing incident", "No apparent risk"
_BREAKDOWN = (
    "(select *, unnest([{'breakdown_topic': 'Total', 'breakdown': 'Total'}, "
    + ", ".join(
        f"{{'breakdown_topic': '{topic}', 'breakdown': \"{topic}\"}}"
        for topic in ("Age", "Sex", "Ethnicity", "Placement", "Boundary", RISK)
    )
    + "], recursive := true) from base)"
)
HOURS, DAYS = "Hours recorded", "Days between start date and end date (department's bands)"
_DURATION = (
    "(select *, unnest([{'duration_measure': 'Total', 'duration_band': 'Total'}, "
    + ", ".join(
        "{'duration_measure': '" + topic.replace("'", "''") + f"', 'duration_band': \"{topic}\"}}"
        for topic in (HOURS, DAYS)
    )
    + "], recursive := true) from base)"
)
_OVER = (
    "\"Hours recorded\" in ('Over 24 and under 48 hours', '48 hours or more', "
    "'Over 24 hours (not known more exactly)')"
)
_INCIDENT = f"\"{RISK}\" <> '{NO_INCIDENT}'"
# Each interview, once for each stage. `Offered` and `Held` have all interviews. `Accepted` has only
# those that were offered, and `Held within 72 hours` only those that were held.
_STAGES = (
    "(select *, stage['interview_stage'] as interview_stage, stage['outcome'] as "
    "interview_outcome from (select *, unnest([{'interview_stage': 'Offered', "
    "'outcome': offered}, {'interview_stage': 'Accepted', 'outcome': "
    "case when offered = 'Yes' then accepted end}, {'interview_stage': 'Held', 'outcome': held}, "
    "{'interview_stage': 'Held within 72 hours', 'outcome': "
    "case when held = 'Yes' then held_within end}]) as stage from base) "
    "where stage['outcome'] is not null)"
)
_LINKAGES = (
    "(select * exclude (source_status), linked['threshold'] as linkage_threshold, "
    "linked['status'] as source_status from (select *, unnest([{'threshold': 'Central', "
    "'status': source_status}, {'threshold': 'Strict', 'status': case when is_weak and "
    "source_status = 'Both sources' then 'Police only' else source_status end}, "
    "{'threshold': 'Loose', 'status': case when is_weak and source_status = 'Police only' "
    "then 'Both sources' else source_status end}]) as linked from base))"
)
_SCOPES = (
    "(select *, unnest(case when is_expected_both then ['All episodes', 'Expected in both sources']"
    f" else ['All episodes'] end) as agreement_scope from {_CARE})"
)
_BOTH = (
    "(select *, absence_category as category_authority from base "
    "where source_status = 'Both sources' and category_police is not null)"
)
_REASONS = (
    "(select *, reason as disagreement_reason from base where source_status <> 'Both sources')"
)
_FREQUENCY = (
    "(select *, case when times > 10 then '11 or more' when times > 5 then '6 to 10' "
    "when times > 2 then '3 to 5' else times::varchar end as absence_frequency from "
    "(select *, count(*) over (partition by child, care_status, area_code) as times "
    f"from {_repeat_with_total('care_status', 'placed')}))"
)
_RECORDED = (
    "(select *, case when same_area then 'Same area' else 'Another area' end as recording_force "
    "from base where force <> '')"
)
DATASETS = {
    "missing_children_by_area": Dataset(
        ALL,
        ("care_status", "absence_category"),
        _CARE_AND_CATEGORY,
        {
            "child_count": "1",
            "episode_count": "count(*)",
            "repeat_child_count": "(count(*) > 1)::int",
            "over_24_hours_count_lower": f"count(*) filter ({_OVER})",
            "over_24_hours_count_upper": f"count(*) filter ({_OVER} or "
            "\"Hours recorded\" = 'Not known whether over 24 hours')",
        },
    ),
    "missing_children_by_characteristic": Dataset(
        ABOVE,
        ("care_status", "absence_category", "breakdown_topic", "breakdown"),
        _repeat_with_total("absence_category", _repeat_with_total("care_status", _BREAKDOWN)),
        {"child_count": "1", "episode_count": "count(*)"},
    ),
    "episodes_by_duration": Dataset(
        ABOVE,
        ("care_status", "absence_category", "duration_measure", "duration_band"),
        _repeat_with_total("absence_category", _repeat_with_total("care_status", _DURATION)),
    ),
    "children_by_frequency": Dataset(
        ABOVE,
        ("care_status", "absence_frequency"),
        _repeat_with_total("absence_frequency", _FREQUENCY),
        {"child_count": "1", "episode_count": "count(*)"},
    ),
    "return_interviews_by_area": Dataset(
        ALL,
        ("interview_stage", "interview_outcome"),
        _repeat_with_total("interview_outcome", _STAGES),
    ),
    "agreement_by_area": Dataset(
        ALL,
        ("care_status", "agreement_scope", "source_status"),
        _repeat_with_total("source_status", _SCOPES),
    ),
    "agreement_by_linkage": Dataset(
        ABOVE,
        ("linkage_threshold", "source_status"),
        _repeat_with_total("source_status", _LINKAGES),
    ),
    "category_agreement": Dataset(
        ABOVE,
        ("category_police", "category_authority"),
        _repeat_with_total("category_police", _repeat_with_total("category_authority", _BOTH)),
    ),
    "disagreement_reasons": Dataset(
        ABOVE,
        ("source_status", "disagreement_reason"),
        _repeat_with_total("source_status", _repeat_with_total("disagreement_reason", _REASONS)),
    ),
    "police_recording_by_area": Dataset(
        (*ALL, "Police force area"),
        ("recording_force",),
        _repeat_with_total("recording_force", _RECORDED),
        {
            "episode_count": "count(*)",
            "incident_count": f"count(*) filter ({_INCIDENT})",
            "incident_count_above_no_risk": f"count(*) filter ({_INCIDENT} and "
            f"\"{RISK}\" <> '{NO_RISK}')",
        },
    ),
}


def dataset_query(name: str) -> str:
    """Return SQL for the cells of one file: each combination of items in each area, 0 if empty."""
    dataset = DATASETS[name]
    placed = "from placed" in dataset.spread
    filters = ", ".join(dataset.filters)
    levels = ", ".join(f"'{level}'" for level in dataset.levels)
    join = "" if placed else "inner join places using (authority)"
    sums = ", ".join(f"({code})::bigint as {measure}" for measure, code in dataset.measures.items())
    names = ", ".join(dataset.measures)
    words = " || ';' || ".join(f"'{each}=' || items.{each}" for each in dataset.filters)
    force = (
        "union all select distinct 'Police force area', force, null, null, null from base "
        "where force <> ''"
        if "Police force area" in dataset.levels
        else ""
    )
    of_forces = (
        "union all select 'Police force area' as geographic_level, force as area_code, "
        f"child, {filters}{_list_extra_columns(dataset)} from spread"
        if force
        else ""
    )
    return f"""
with placed as (select base.*, places.geographic_level, places.area_code
    from base inner join places using (authority)),
spread as (select * from {dataset.spread}),
counted as (select geographic_level, area_code, child, {filters}{_list_extra_columns(dataset)}
    from spread {join} {of_forces}),
of_children as (select geographic_level, area_code, {filters}, child, {sums}
    from counted group by all),
long as (unpivot of_children on {names} into name measure value part),
totals as (select geographic_level, area_code, {filters}, measure, sum(part)::bigint as value,
    count(*) filter (part > 0) as child_count, list_sum(max(part, 2)) as top_two
    from long group by all),
areas as (select distinct geographic_level, area_code, parent_code, police_force_code from places
    where geographic_level in ({levels})
    {force.replace(", null, null, null", ", null, null")}),
items as ({_rows_of(name)}),
measures as (select unnest({list(dataset.measures)}) as measure)
select '{name}' as dataset, (select any_value(year) from base) as reporting_year,
    geographic_level, area_code, parent_code, police_force_code, {words} as filter_values,
    measure, coalesce(totals.value, 0) as value, coalesce(totals.child_count, 0) as child_count,
    case when totals.value > 0 then totals.top_two / totals.value else 0.0 end as top_two_share
from areas cross join items cross join measures
left join totals using (geographic_level, area_code, {filters}, measure)
order by all
"""


def items_of(name: str) -> list[str]:
    """Return the items of a topic or filter of the described data sets, without its Total."""
    for data_set in read_data_sets():
        for part in data_set.filters:
            if part.name == name or any(item.topic == name for item in part.items):
                topic = None if part.name == name else name
                items = [item for item in part.items if item.topic == topic]
                return [item.name for item in items if item.name != TOTAL]
    raise ValueError(f"no filter or topic {name}")


def _rows_of(name: str) -> str:
    """Return SQL for every combination of a data set's items that has a count."""
    data_set = data_set_named(name)
    lines = []
    for combination in data_set.combinations():
        if all(each.exists_on(combination.values) for each in data_set.counts[:1]):
            values = [item.replace("'", "''") for item in combination.values.values()]
            lines.append("(" + ", ".join(f"'{item}'" for item in values) + ")")
    names = ", ".join(combination.values)
    return f"select * from (values {', '.join(lines)}) as rows_({names})"


def _list_extra_columns(dataset: Dataset) -> str:
    """Return the additional columns that the measures read."""
    measures = " ".join(dataset.measures.values())
    return "".join(f', "{name}"' for name in (HOURS, RISK) if f'"{name}"' in measures)
