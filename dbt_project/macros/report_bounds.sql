{#
    Between which moments the child left and came back by each report of an episode: the CTEs to
    `reports` of `int_episode_bounds`. A model of its own would make the chain to every mart longer.
    Times of a supplier that are late, because work is recorded or because the police mostly record
    them earlier, bound what happened from above only.
#}
{% macro report_bounds() -%}
{%- set events = {
    'start': ('start_lower_at', 'away_by_at'), 'end': ('end_lower_at', 'back_by_at'),
} %}
intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

profiles as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

parameters as (
    {{ episode_bound_parameters() }}
),

placed_reports as (
    select
        intervals.*,
        placed.episode_id_register,
        placed.source_absence_key,
        coalesce(profiles.case_system_code, intervals.supplier_code) as case_system_code,
        coalesce(profiles.is_administrative, false) as is_administrative,
        coalesce(profiles.is_end_when_reported, false) as is_end_when_reported,
        coalesce(
            intervals.feed = 'authority_return'
            and intervals.start_date <= profiles.last_extract_date
            and max(case when intervals.feed = 'authority_extract' then 1 else 0 end)
                over (partition by placed.source_absence_key) = 0,
            false
        ) as is_contradicted,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
    left join profiles
        on
            intervals.source = 'authority'
            and intervals.supplier_code = profiles.supplier_code
),

police as (
    select
        episode_id_register,
        min(away_by_at) as away_by_at,
        max(back_by_at) as back_by_at,
    from placed_reports as reports
    where source = 'police'
    group by episode_id_register
    having count(distinct source_absence_key) = 1
),

compared as (
    select
        reports.*,
        parameters.*,
        {% for event, (own, known) in events.items() -%}
        case
            when reports.source = 'authority'
                then cast(
                    hours_between(police.{{ known }}, reports.{{ own }})
                    > parameters.late_hours as integer
                )
        end as {{ event }}_lateness,
        {% endfor -%}
    from placed_reports as reports
    cross join parameters
    left join police on reports.episode_id_register = police.episode_id_register
),

judged as (
    select
        *,
        {% for event in events -%}
        coalesce(source = 'authority' and (
            is_administrative or is_contradicted{{ ' or is_end_when_reported' if event == 'end' }}
            or {{ is_mostly_late(event, 'supplier_code') }}
            or {{ is_mostly_late(event, 'case_system_code') }}
        ), false) as is_{{ event }}_late,
        {% endfor -%}
    from compared
),

reports as (
    select
        *,
        case
            when is_start_late
                then {{ dbt.dateadd(
                    'second',
                    'cast(-3600 * entry_delay_most_hours as integer)',
                    'start_lower_at'
                ) }}
            else start_lower_at
        end as away_from_at,
        {{ moment_rank('is_start_late', 'start_precision', 'started_at') }}
            as start_rank,
        case when not is_start_late then seen_away_at end
            as sure_away_at,
        case when not is_end_late then back_from_at end as sure_back_at,
        case
            when back_by_at is not null
                then {{ moment_rank(
                    'is_end_late or back_from_at is null',
                    'end_precision',
                    'ended_at'
                ) }}
        end as end_rank,
    from judged
)
{%- endmacro %}

{#
    Whether a supplier, or all that share its case system, records an event late in more than a share
    of the absences of which the police record the time too.
#}
{% macro is_mostly_late(event, whose) -%}
    (
        count({{ event }}_lateness) over (partition by {{ whose }}) >= late_count
        and avg({{ event }}_lateness) over (partition by {{ whose }}) > late_share
    )
{%- endmacro %}
