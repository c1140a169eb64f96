{{ config(materialized='ephemeral') }}

-- What the lists of children to help are chosen from. The newest data end on the last
-- day that deliveries cover, or at the last receipt if that is earlier; today's date
-- is not used. Open absences and absences that ended have one row each for two tasks,
-- of which one can be listed. The other two tasks are about a child's recent absences
-- together; such a row names the latest of them.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

last_days as (
    {{ last_covered_days('deliveries') }}
),

known as (
    select
        max(last_days.last_date) as as_of_date,
        least(
            {{ london_to_utc(
                'cast(' ~ dbt.dateadd('day', 1, 'max(last_days.last_date)')
                ~ ' as timestamp)'
            ) }},
            max(deliveries.received_at)
        ) as as_of_at,
    from deliveries
    cross join last_days
    where deliveries.is_current and deliveries.feed != 'published_statistics'
),

episodes as (
    select
        episodes.*,
        known.as_of_date,
        known.as_of_at,
        {{ elapsed_days('episodes.start_date', 'known.as_of_date') }} as days_ago,
    from {{ ref('int_episodes') }} as episodes
    cross join known
    where episodes.start_date <= known.as_of_date
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

answers as (
    select
        placed.episode_id_register,
        {{ offer_columns() }},
        case when interviews.held_at is not null then 'yes' else 'unknown' end
            as held_code,
    from {{ ref('int_return_interviews') }} as interviews
    inner join placed on interviews.report_key = placed.report_key
),

interviews as (
    {{ answers_by_episode('answers', has_time=false) }}
),

open_absences as (
    select
        *,
        1 as episode_count,
        start_date as since_date,
        started_at as latest_at,
        cast(null as timestamp) as due_at,
        {{ function('hours_between') }}(started_at, as_of_at) as hours_since_seen,
    from episodes
    where end_basis_code = 'open'
),

ended_absences as (
    select
        episodes.*,
        1 as episode_count,
        episodes.end_date as since_date,
        episodes.ended_at as latest_at,
        {{ dbt.dateadd(
            'hour', 72,
            function('latest_clock_moment')
            ~ '(episodes.ended_at, episodes.end_precision)'
        ) }} as due_at,
        cast(null as double) as hours_since_seen,
        {{ is_interview_owed("coalesce(offered_code, 'unknown') = 'yes'") }}
            as is_owed,
    from episodes
    left join interviews
        on episodes.episode_id_register = interviews.episode_id_register
    where
        episodes.end_basis_code = 'recorded'
        and (
            interviews.episode_id_register is not null
            or episodes.care_status_code = 'looked_after'
        )
        and {{ elapsed_days('episodes.end_date', 'episodes.as_of_date') }}
        <= {{ var('task_days') }}
),

recent_absences as (
    select
        'third_absence' as task_code,
        *,
    from episodes
    where days_ago <= {{ var('repeat_window_days') }}
    union all
    select
        'known_to_one_source' as task_code,
        *,
    from episodes
    where
        days_ago <= {{ var('task_days') }}
        and care_status_code = 'looked_after'
        and is_police_covered
        and is_authority_covered
),

of_children as (
    select
        *,
        count(*) over (partition by task_code, child_id_register) as episode_count,
        min(start_date) over (partition by task_code, child_id_register) as since_date,
        min(source_status) over (partition by task_code, child_id_register)
            as first_status,
        max(source_status) over (partition by task_code, child_id_register)
            as last_status,
        row_number() over (
            partition by task_code, child_id_register
            order by started_at desc, episode_id_register asc
        ) as recency_rank,
        started_at as latest_at,
        cast(null as timestamp) as due_at,
        cast(null as double) as hours_since_seen,
    from recent_absences
),

final as (
    {%- for task, rows, condition, is_listed in [
        ('away_now', 'open_absences', 'true',
            'days_ago <= ' ~ var('away_now_days')),
        ('return_not_recorded', 'open_absences', 'true',
            'days_ago > ' ~ var('away_now_days')),
        ('interview_due', 'ended_absences', 'true',
            'is_owed and due_at >= as_of_at'),
        ('interview_overdue', 'ended_absences', 'true',
            'is_owed and due_at < as_of_at'),
        ('third_absence', 'of_children',
            "recency_rank = 1 and task_code = 'third_absence'",
            'episode_count >= ' ~ var('repeat_trigger_count')),
        ('known_to_one_source', 'of_children',
            "recency_rank = 1 and task_code = 'known_to_one_source'",
            "first_status = last_status and source_status != 'both'"),
    ] %}
        select
            '{{ task }}' as task_code,
            child_id_register,
            episode_id_register,
            {{ is_listed }} as is_listed,
            cast(episode_count as integer) as episode_count,
            since_date,
            latest_at,
            due_at,
            hours_since_seen,
            category_code,
            source_status,
            authority_code_dfe,
            police_force_code,
            as_of_date,
        from {{ rows }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
