-- The days that each current delivery covers. An extract is cumulative, so it covers
-- everything up to its last day. No delivery covers days after its receipt.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

final as (
    select
        delivery_id,
        supplier_code,
        feed,
        case feed when 'police_reports' then 'police' else 'authority' end as source,
        case
            when feed = 'authority_extract' then cast('1900-01-01' as date)
            else period_start
        end as covered_from_date,
        least(period_end, {{ function('london_date') }}(
            received_at
        )) as covered_to_date,
    from deliveries
    where feed in ('police_reports', 'authority_extract', 'authority_return')
)

select * from final
