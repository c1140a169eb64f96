-- Whether a supplier's times show when staff did the work, instead of when the child
-- left (`is_administrative`). Clear delays behind police records of the same children
-- decide this. Without clear delays, a supplier is administrative in two cases. Either
-- its case system is declared administrative, and starts outside office hours do not
-- contradict this. Or enough of its starts fall in office hours and on whole hours.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
    where feed = 'authority_extract' and start_precision = 'minute'
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current and feed in ('authority_extract', 'authority_return')
),

case_systems as (
    select * from {{ ref('ref__case_systems') }}
),

delays as (
    select * from {{ ref('int_entry_delays') }}
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), [
        'office_opens_hour', 'office_closes_hour', 'administrative_start_count',
        'administrative_office_share', 'administrative_whole_hour_share',
        'administrative_refuted_share'
    ]) }}
),

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

starts as (
    select
        supplier_code,
        extract(hour from {{ utc_to_london('started_at') }}) as start_hour,
        extract(minute from started_at) as start_minute,
    from intervals
),

counted as (
    select
        starts.supplier_code,
        count(*) as start_count,
        avg(
            case
                when
                    starts.start_hour >= thresholds.office_opens_hour
                    and starts.start_hour < thresholds.office_closes_hour
                    then 1.0
                else 0.0
            end
        ) as office_share,
        avg(case when starts.start_minute = 0 then 1.0 else 0.0 end)
            as whole_hour_share,
    from starts
    cross join thresholds
    group by starts.supplier_code
),

systems as (
    select
        deliveries.supplier_code,
        max(case_systems.case_system_code) as case_system_code,
        max(case when case_systems.is_administrative_time then 1 else 0 end) = 1
            as is_said_administrative,
        max(case when case_systems.is_completed_forms_only then 1 else 0 end) = 1
            as is_completed_forms_only,
        max(case when case_systems.is_end_when_reported then 1 else 0 end) = 1
            as is_end_when_reported,
        max(
            case
                when deliveries.feed = 'authority_extract' then deliveries.period_end
            end
        ) as last_extract_date,
    from deliveries
    left join case_systems
        on lower(deliveries.case_system) = case_systems.case_system_code
    group by deliveries.supplier_code
),

profiles as (
    select
        systems.*,
        coalesce(counted.start_count, 0) as start_count,
        counted.office_share,
        counted.whole_hour_share,
        delays.typical_delay_hours,
        delays.delay_hours,
        coalesce(
            case when delays.is_evident then delays.is_late end,
            (
                systems.is_said_administrative
                and not coalesce(
                    counted.start_count >= thresholds.administrative_start_count
                    and counted.office_share < thresholds.administrative_refuted_share,
                    false
                )
            )
            or coalesce(
                counted.start_count >= thresholds.administrative_start_count
                and counted.office_share >= thresholds.administrative_office_share
                and counted.whole_hour_share
                >= thresholds.administrative_whole_hour_share,
                false
            )
        ) as is_administrative,
    from systems
    left join counted on systems.supplier_code = counted.supplier_code
    left join delays on systems.supplier_code = delays.supplier_code
    cross join thresholds
),

-- An administrative supplier dates events too late, in its extract and in the return
-- made from the same records. Matching allows for this delay.
final as (
    select
        profiles.*,
        case
            when profiles.is_administrative
                then coalesce(profiles.delay_hours, tolerances.tolerance_hours)
        end as entry_delay_tolerance_hours,
    from profiles
    left join tolerances on tolerances.source = 'across_administrative'
)

select * from final
