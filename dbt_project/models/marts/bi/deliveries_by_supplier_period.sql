with

coverage as (
    select * from {{ ref('agg_supplier_coverage_by_period') }}
),

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

received as (
    select
        supplier_code,
        feed,
        period,
        sum(received_row_count) as received_row_count,
        sum(landed_row_count) as landed_row_count,
        sum(quarantined_row_count) as quarantined_row_count,
        sum(erased_row_count) as erased_row_count,
        sum(flag_count) as flag_count,
    from {{ ref('dim_deliveries') }}
    where status in ('current', 'superseded')
    group by supplier_code, feed, period
),

final as (
    select
        coverage.supplier_code,
        suppliers.supplier_name,
        suppliers.supplier_type,
        coverage.feed,
        {{ label_of('coverage.feed', 'feed') }} as feed_name,
        coverage.period,
        coverage.period_start,
        coverage.period_end,
        coverage.due_date,
        coverage.first_received_at,
        coverage.is_expected,
        coverage.is_delivered,
        coverage.is_late,
        coverage.coverage_code,
        {{ label_of('coverage.coverage_code', 'coverage') }} as coverage_name,
        coverage.delivery_count,
        cast(received.received_row_count as bigint) as received_row_count,
        cast(received.landed_row_count as bigint) as landed_row_count,
        cast(received.quarantined_row_count as bigint) as quarantined_row_count,
        cast(received.erased_row_count as bigint) as erased_row_count,
        cast(received.flag_count as bigint) as flag_count,
        {{ published_number(
            'cast(received.landed_row_count as double)'
            ~ ' / nullif(received.received_row_count, 0)'
        ) }} as landed_row_share,
    from coverage
    inner join suppliers on coverage.supplier_code = suppliers.supplier_code
    left join received
        on
            coverage.supplier_code = received.supplier_code
            and coverage.feed = received.feed
            and coverage.period = received.period
)

select * from final
