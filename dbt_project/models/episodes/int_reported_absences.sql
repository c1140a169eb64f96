-- Absences as each source reported them. One of these absences may combine several
-- reports, and one episode may contain several of these absences. Category, times and
-- year come from the source; area and care status come from the episode.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

episodes as (
    select * from {{ ref('int_episodes') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

-- The first start and the last end of the reports count. On the same day, a time is
-- preferred to a date.
ranked as (
    select
        placed.source_absence_key,
        placed.episode_id_register,
        intervals.*,
        categories.sort_order,
        intervals.authority_code_dfe = episodes.authority_code_dfe
            as is_of_assigned_authority,
        row_number() over (
            partition by placed.source_absence_key
            order by
                intervals.start_date asc,
                case intervals.start_precision when 'minute' then 0 else 1 end,
                intervals.start_lower_at asc,
                intervals.report_key asc
        ) as start_rank,
        row_number() over (
            partition by placed.source_absence_key
            order by
                case when intervals.end_lower_at is null then 1 else 0 end,
                {{ function('london_date') }}(intervals.end_lower_at) desc,
                case intervals.end_precision when 'minute' then 0 else 1 end,
                intervals.end_lower_at desc,
                intervals.report_key asc
        ) as end_rank,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
    inner join episodes on placed.episode_id_register = episodes.episode_id_register
    left join categories on intervals.category_code = categories.category_code
),

summed as (
    select
        source_absence_key,
        episode_id_register,
        source,
        min(sort_order) as sort_order,
        case
            when count(case when is_of_assigned_authority then 1 end) = 0
                then min(authority_code_dfe)
        end as other_authority_code_dfe,
        {% for column in ['date', 'precision', 'lower_at', 'upper_at'] %}
            max(case when start_rank = 1 then start_{{ column }} end)
                as start_{{ column }},
        {% endfor %}
        {% for column in ['precision', 'lower_at', 'upper_at'] %}
            max(case when end_rank = 1 then end_{{ column }} end) as end_{{ column }},
        {% endfor %}
    from ranked
    group by source_absence_key, episode_id_register, source
),

dated as (
    select
        *,
        {{ function('london_date') }}(end_lower_at) as end_date,
        {{ elapsed_days(
            'start_date', function('london_date') ~ '(end_lower_at)'
        ) }} as day_count,
        start_precision = 'date' and end_precision = 'date' as is_dated_only,
    from summed
),

final as (
    select
        dated.source_absence_key,
        dated.episode_id_register,
        dated.source,
        dated.start_date,
        dated.end_date,
        categories.category_code,
        {{ function('counted_category') }}(
            categories.category_code, episodes.care_status_code, null
        )
            as counted_category_code,
        {{ function('collection_year_of') }}(dated.start_date) as collection_year,
        episodes.child_id_register,
        episodes.care_status_code,
        episodes.is_out_of_area,
        episodes.police_force_code,
        coalesce(episodes.authority_code_dfe, 'unknown') as authority_code_dfe,
        dated.other_authority_code_dfe,
        -- Two dates one day apart allow up to 48 hours, and two dates two days apart
        -- mean more than 24 hours. Without an end, more than 24 hours is possible but
        -- not certain.
        case
            when dated.end_lower_at is null then false
            when dated.is_dated_only then dated.day_count >= 2
            when dated.start_precision = 'date'
                then {{ function('hours_between') }}(
                    dated.start_upper_at, dated.end_lower_at
                ) >= 24
            else {{ function('hours_between') }}(
                dated.start_upper_at, dated.end_lower_at
            ) > 24
        end as is_over_24_hours_lower,
        case
            when dated.end_lower_at is null then true
            when dated.is_dated_only then dated.day_count >= 1
            else {{ function('hours_between') }}(
                dated.start_lower_at, dated.end_upper_at
            ) > 24
        end as is_over_24_hours_upper,
    from dated
    inner join episodes on dated.episode_id_register = episodes.episode_id_register
    left join categories on dated.sort_order = categories.sort_order
)

select * from final
