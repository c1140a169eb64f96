-- Periods of which the register has one version and a supplier has sent another: a
-- later one that waits for a person, or an earlier one that had more rows.
with

deliveries as (
    select * from {{ ref('int_deliveries_judged') }}
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

final as (
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
)

select * from final
