{{ config(materialized='ephemeral') }}

{#
    How well the children of an area are linked, compared with the nation's children.
    The recall of an area is the mean over the absences that its authorities recorded,
    linked or not; each absence has the recall of the child's group. A group's recall
    between the sources comes from the validation nations: simulated nations that are
    harder to link than the training nations.
#}
with

mention_groups as (
    select * from {{ ref('int_mention_groups') }}
),

reports as (
    {{ linkable_reports(ref('int_report_intervals')) }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
    where is_current
),

forces as (
    select * from {{ ref('ref__police_forces') }}
),

linkage_groups as (
    select * from {{ ref('map__linkage_groups') }}
),

held_out as (
    select * from {{ ref('ref__linkage_quality_held_out') }}
    where
        nation_code = 'validation'
        and scope_code = 'between'
        and grouping_code = 'linkage_group'
),

recalls as (
    select
        held_out.linkage_code,
        linkage_groups.linkage_group_code,
        sum(held_out.true_count)
        / cast(sum(held_out.true_count + held_out.missed_count) as double)
            as group_recall,
    from linkage_groups
    inner join held_out on linkage_groups.held_out_group_code = held_out.group_code
    group by held_out.linkage_code, linkage_groups.linkage_group_code
),

children as (
    select
        mention_key,
        max(case when grouping_code = 'authority' then group_value end)
            as authority_code_dfe,
        case max(case when grouping_code = 'uasc' then group_value end)
            when 'uasc' then 'unaccompanied'
            else max(case when grouping_code = 'ethnicity_group' then group_value end)
        end as linkage_group_code,
    from mention_groups
    group by mention_key
),

absences as (
    select
        children.authority_code_dfe,
        children.linkage_group_code,
        count(*) as absence_count,
    from reports
    inner join children on reports.mention_key = children.mention_key
    where reports.source = 'authority'
    group by children.authority_code_dfe, children.linkage_group_code
),

counted as (
    select
        absences.*,
        authorities.police_force_code,
    from absences
    left join authorities
        on absences.authority_code_dfe = authorities.authority_code_dfe
),

placed as (
    {{ placed_in_areas('counted') }}
),

-- A group whose recall was not measured has the recall of children about whom nothing
-- is known.
weighed as (
    select
        unknowns.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.absence_count,
        placed.absence_count * coalesce(recalls.group_recall, unknowns.group_recall)
            as found_count,
    from placed
    inner join recalls as unknowns on unknowns.linkage_group_code = 'unknown'
    left join recalls
        on
            placed.linkage_group_code = recalls.linkage_group_code
            and unknowns.linkage_code = recalls.linkage_code
),

composed as (
    select
        linkage_code,
        area_level_code,
        area_code,
        {{ sum_by_size('found_count') }}
        / sum(absence_count) as area_recall,
    from weighed
    group by linkage_code, area_level_code, area_code
),

every_area as (
    select distinct
        area_level_code,
        area_code,
    from areas
    union all
    select distinct
        'police_force' as area_level_code,
        police_force_code as area_code,
    from forces
    union all
    select
        'police_force' as area_level_code,
        'unknown' as area_code,
),

-- An area in which no authority recorded an absence has the lowest recall of all areas.
completed as (
    select
        recalls.linkage_code,
        every_area.area_level_code,
        every_area.area_code,
        coalesce(
            composed.area_recall,
            min(composed.area_recall) over (partition by recalls.linkage_code)
        ) as area_recall,
    from recalls
    cross join every_area
    left join composed
        on
            recalls.linkage_code = composed.linkage_code
            and every_area.area_level_code = composed.area_level_code
            and every_area.area_code = composed.area_code
    where recalls.linkage_group_code = 'unknown'
),

final as (
    select
        linkage_code,
        area_level_code,
        area_code,
        coalesce(
            area_recall / max(
                case when area_level_code = 'nation' then area_recall end
            ) over (partition by linkage_code),
            1
        ) as recall_ratio,
    from completed
)

select * from final
