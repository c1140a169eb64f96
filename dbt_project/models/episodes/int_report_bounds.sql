-- The earliest and latest moments at which the child left and returned, by each report.
-- If a supplier records late, its recorded times are only the latest possible moments.
-- The earliest start is then `entry_delay_most_hours`, or the supplier's own delay if
-- it is longer, before the recorded start. The earliest end is unknown. The same
-- applies to a return's report that the authority's extract should contain, but lacks.
{% set events = {
    'start': ('start_lower_at', 'away_by_at'), 'end': ('end_lower_at', 'back_by_at'),
} %}
with

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
    {{ episode_bound_parameters(ref('ref__episode_parameters')) }}
),

placed_reports as (
    select
        intervals.*,
        placed.episode_id_register,
        placed.source_absence_key,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
),

police as (
    select
        episode_id_register,
        min(away_by_at) as away_by_at,
        max(back_by_at) as back_by_at,
    from placed_reports
    where source = 'police'
    group by episode_id_register
    having count(distinct source_absence_key) = 1
),

lateness as (
    select
        reports.supplier_code,
        {% for event, (own, known) in events.items() %}
            {{ function('hours_between') }}(
                police.{{ known }}, reports.{{ own }}
            ) as {{ event }}_hours,
        {% endfor %}
    from placed_reports as reports
    left join police on reports.episode_id_register = police.episode_id_register
    where reports.source = 'authority'
),

compared as (
    select
        lateness.supplier_code,
        coalesce(profiles.case_system_code, lateness.supplier_code) as case_system_code,
        profiles.is_administrative,
        profiles.is_end_when_reported,
        parameters.*,
        {% for event in events %}
            count({{ event }}_hours) as {{ event }}_count,
            count(case when {{ event }}_hours > parameters.late_hours then 1 end)
                as late_{{ event }}_count,
        {% endfor %}
    from lateness
    left join profiles on lateness.supplier_code = profiles.supplier_code
    cross join parameters
    group by all
),

-- A supplier records late if its case system records when work was done or, for ends,
-- when the child's return was reported. It also records late if, of at least
-- `late_count` times, more than `late_share` are over `late_hours` later than the
-- police times. These are its own times, or those of all suppliers with its case
-- system.
late_suppliers as (
    select
        supplier_code,
        {% for event, said in {
            'start': 'is_administrative',
            'end': 'is_administrative or is_end_when_reported',
        }.items() %}
            {{ said }}
            {% for whose in ['own', 'shared'] %}
                or (
                    sum({{ event }}_count) over {{ whose }} >= late_count
                    and sum(late_{{ event }}_count) over {{ whose }}
                    / nullif(sum({{ event }}_count) over {{ whose }}, 0) > late_share
                )
            {% endfor %}
                as has_late_{{ event }}s,
        {% endfor %}
    from compared
    window
        own as (partition by supplier_code),
        shared as (partition by case_system_code)
),

contradicted as (
    select
        reports.*,
        greatest(parameters.entry_delay_most_hours, profiles.delay_hours)
            as entry_delay_most_hours,
        late_suppliers.has_late_starts,
        late_suppliers.has_late_ends,
        reports.feed = 'authority_return'
        and reports.start_date <= profiles.last_extract_date
        and max(case when reports.feed = 'authority_extract' then 1 else 0 end)
            over (partition by reports.source_absence_key)
        = 0 as is_contradicted,
    from placed_reports as reports
    cross join parameters
    left join late_suppliers
        on
            case when reports.source = 'authority' then reports.supplier_code end
            = late_suppliers.supplier_code
    left join profiles on late_suppliers.supplier_code = profiles.supplier_code
),

judged as (
    select
        *,
        coalesce(has_late_starts or is_contradicted, false) as is_start_late,
        coalesce(has_late_ends or is_contradicted, false) as is_end_late,
    from contradicted
),

final as (
    select
        episode_id_register,
        child_id_register,
        report_key,
        source,
        feed,
        source_absence_key,
        away_by_at,
        back_by_at,
        is_end_given,
        case
            when is_start_late
                then {{ dbt.dateadd(
                    'second',
                    'cast(-3600 * entry_delay_most_hours as integer)',
                    'start_lower_at'
                ) }}
            else start_lower_at
        end as away_from_at,
        {{ function('moment_rank') }}(
            is_start_late, source, start_precision, started_at
        ) as start_rank,
        case when not is_start_late then seen_away_at end as sure_away_at,
        case when not is_end_late then back_from_at end as sure_back_at,
        case
            when back_by_at is not null
                then {{ function('moment_rank') }}(
                    is_end_late or back_from_at is null, source, end_precision, ended_at
                )
        end as end_rank,
    from judged
)

select * from final
