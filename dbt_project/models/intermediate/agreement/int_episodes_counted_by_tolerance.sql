-- Which sources would hold each episode at each tolerance, by the authority, year and
-- care of the episode that the register has for it: where several become one, the one
-- that an authority reported, then the first.
with

merged as (
    select * from {{ ref('int_source_absences_merged') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

episodes as (
    select * from {{ ref('int_episodes_merged') }}
),

tried as (
    select * from {{ ref('ref__tolerances_tried') }}
),

grouped as (
    select * from {{ ref('int_tolerances_tried_grouped') }}
),

absences as (
    select distinct
        merged.source_absence_key,
        merged.source,
        placed.episode_id_register,
    from merged
    inner join placed on merged.report_key = placed.report_key
),

regrouped as (
    select
        tried.tolerance_days,
        absences.source,
        absences.episode_id_register,
        coalesce(grouped.group_key, absences.source_absence_key) as group_key,
    from absences
    cross join tried
    left join grouped
        on
            tried.tolerance_days = grouped.tolerance_days
            and absences.source_absence_key = grouped.absence_key
),

ranked as (
    select
        regrouped.*,
        episodes.authority_code_dfe,
        episodes.collection_year,
        episodes.care_status_code,
        row_number() over (
            partition by regrouped.tolerance_days, regrouped.group_key
            order by
                case when episodes.authority_report_count > 0 then 0 else 1 end,
                episodes.started_at,
                episodes.episode_id_register
        ) as episode_rank,
    from regrouped
    inner join episodes
        on regrouped.episode_id_register = episodes.episode_id_register
),

final as (
    select
        tolerance_days,
        group_key,
        max(case when source = 'police' then 1 else 0 end) = 1 as is_held_by_police,
        max(case when source = 'authority' then 1 else 0 end) = 1
            as is_held_by_authority,
        coalesce(
            max(case when episode_rank = 1 then authority_code_dfe end), 'unknown'
        ) as authority_code_dfe,
        max(case when episode_rank = 1 then collection_year end) as collection_year,
        max(case when episode_rank = 1 then care_status_code end) as care_status_code,
    from ranked
    group by tolerance_days, group_key
)

select * from final
