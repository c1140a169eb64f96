{{ config(materialized='ephemeral') }}

-- How much later than the police each supplier records absences of the same children.
-- For each authority record, compare the distance to the last police start before it
-- with the distance to the next police start after it. For unrelated records, both
-- distances are equally long on average. If the police start shortly before the record
-- more often than shortly after it, the supplier records late. The cause may be a
-- shift, office hours or a regular meeting.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), [
        'entry_delay_most_hours', 'entry_delay_typical_share',
        'entry_delay_tolerance_share', 'entry_delay_deviance', 'break_deviance'
    ]) }}
),

parameters as (
    {{ episode_bound_parameters(ref('ref__episode_parameters')) }}
),

-- A return repeats the absences of the extract, so it is used only for suppliers
-- without an extract. Case systems store a date as midnight, so a start at midnight
-- stands for the whole day.
reports as (
    select
        *,
        feed = 'authority_return'
        and max(case when feed = 'authority_extract' then 1 else 0 end) over (
            partition by supplier_code
        ) = 1 as is_repeated,
    from intervals
    where feed_absence_key is not null
),

absences as (
    select
        child_id_register,
        feed_absence_key,
        source,
        min(supplier_code) as supplier_code,
        min(start_lower_at) as start_lower_at,
        min(greatest(
            start_upper_at,
            {{ function('latest_clock_moment') }}(start_lower_at, 'minute')
        )) as start_upper_at,
    from reports
    where not is_repeated
    group by child_id_register, feed_absence_key, source
),

neighbours as (
    select
        *,
        max(case when source = 'police' then start_upper_at end) over (
            partition by child_id_register
            order by start_upper_at
            range between unbounded preceding and current row
        ) as police_before_at,
        min(case when source = 'police' then start_upper_at end) over (
            partition by child_id_register
            order by start_upper_at asc, source desc, feed_absence_key asc
            rows between 1 following and unbounded following
        ) as police_after_at,
    from absences
),

-- Negative lags arise only because a date stands for a whole day. They count as 0.
lags as (
    select
        supplier_code,
        greatest(
            {{ function('hours_between') }}(police_before_at, start_lower_at), 0.0
        ) as lag_hours,
        1 as direction,
    from neighbours
    where source = 'authority' and police_before_at is not null
    union all
    select
        supplier_code,
        {{ function('hours_between') }}(start_upper_at, police_after_at) as lag_hours,
        -1 as direction,
    from neighbours
    where source = 'authority' and police_after_at > start_upper_at
),

curves as (
    select
        lags.supplier_code,
        lags.lag_hours,
        sum(lags.direction) over up_to as excess_count,
        count(*) over up_to as compared_count,
    from lags
    cross join thresholds
    where lags.lag_hours <= thresholds.entry_delay_most_hours
    window up_to as (
        partition by lags.supplier_code
        order by lags.lag_hours
        range between unbounded preceding and current row
    )
),

peaks as (
    select
        *,
        max(excess_count) over (partition by supplier_code) as most_excess_count,
        min(excess_count) over (partition by supplier_code) as least_excess_count,
    from curves
),

measured as (
    select
        peaks.supplier_code,
        peaks.most_excess_count as excess_count,
        peaks.least_excess_count,
        min(
            case
                when peaks.excess_count = peaks.most_excess_count
                    then peaks.compared_count
            end
        ) as compared_count,
        {% for share in ['typical', 'tolerance'] %}
            min(
                case
                    when
                        peaks.excess_count
                        >= thresholds.entry_delay_{{ share }}_share
                        * peaks.most_excess_count
                        then peaks.lag_hours
                end
            ) as {{ share }}_hours,
        {% endfor %}
    from peaks
    cross join thresholds
    group by
        peaks.supplier_code, peaks.most_excess_count, peaks.least_excess_count
),

final as (
    select
        measured.supplier_code,
        measured.excess_count,
        measured.compared_count,
        measured.typical_hours as typical_delay_hours,
        measured.tolerance_hours as delay_hours,
        measured.typical_hours > parameters.late_hours as is_late,
        measured.excess_count * measured.excess_count
        >= thresholds.break_deviance * measured.compared_count as is_evident,
    from measured
    cross join parameters
    cross join thresholds
    where
        measured.excess_count >= parameters.late_count
        and measured.excess_count > -measured.least_excess_count
        and measured.excess_count * measured.excess_count
        >= thresholds.entry_delay_deviance * measured.compared_count
)

select * from final
