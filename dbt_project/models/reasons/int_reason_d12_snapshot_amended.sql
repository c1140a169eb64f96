-- The expected source sent another version of the period: a later one that is held, so
-- that it is not in the register yet, or an earlier one that had more rows.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where feed in ('police_reports', 'authority_extract', 'authority_return')
),

current_deliveries as (
    select * from deliveries
    where status = 'current'
),

versions as (
    select
        case current_deliveries.feed
            when 'police_reports' then 'police'
            else 'authority'
        end as source,
        current_deliveries.supplier_code,
        current_deliveries.period_start,
        current_deliveries.period_end,
        other_versions.status,
        other_versions.landed_row_count - current_deliveries.landed_row_count
            as more_row_count,
    from current_deliveries
    inner join deliveries as other_versions
        on
            current_deliveries.feed = other_versions.feed
            and current_deliveries.supplier_code = other_versions.supplier_code
            and current_deliveries.period = other_versions.period
            and current_deliveries.delivery_id != other_versions.delivery_id
),

snapshots as (
    select
        source,
        supplier_code,
        period_start,
        period_end,
        max(case when status = 'held' then 1 else 0 end) = 1 as has_held_version,
        max(more_row_count) as more_row_count,
    from versions
    where status = 'held' or (status = 'superseded' and more_row_count > 0)
    group by source, supplier_code, period_start, period_end
),

final as (
    select
        expected_records.agreement_id,
        'D12' as reason_code,
        'weak' as strength,
        case
            when snapshots.has_held_version then 'a later version of the period is held'
            else
                'an earlier version of the period had '
                || cast(snapshots.more_row_count as varchar)
                || ' rows more'
        end as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join snapshots
        on
            expected_records.expected_source = snapshots.source
            and expected_records.expected_supplier_code = snapshots.supplier_code
            and expected_records.start_date >= snapshots.period_start
            and expected_records.start_date <= snapshots.period_end
)

select * from final
