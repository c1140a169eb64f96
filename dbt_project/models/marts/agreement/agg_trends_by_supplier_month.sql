-- `segment_month_mean` is the mean over one segment: a run of months without a break in
-- recording.
with

months as (
    select * from {{ ref('int_supplier_months') }}
),

-- The first segment also includes all earlier months.
segments as (
    select
        *,
        case segment_number when 1 then cast('0001-01-01' as date) else first_month end
            as holds_from_month,
        lead(first_month) over (
            partition by supplier_code, feed, category_code order by segment_number
        ) as next_first_month,
    from {{ ref('int_recording_segments') }}
),

final as (
    select
        {{ joined_key([
            'months.supplier_code', 'months.feed', 'months.category_code',
            'months.start_month',
        ]) }} as supplier_month_id,
        months.supplier_code,
        months.source,
        months.feed,
        months.category_code,
        months.start_month,
        months.is_delivered,
        cast(months.report_count as bigint) as report_count,
        months.regime_code,
        segments.segment_number,
        coalesce(
            segments.first_month = months.start_month and segments.segment_number > 1,
            false
        ) as is_break,
        coalesce(
            segments.first_month = months.start_month and segments.is_announced, false
        ) as is_announced_break,
        cast(segments.report_count as double) / segments.month_count
            as segment_month_mean,
        coalesce(segments.is_tested, false) as is_tested,
    from months
    left join segments
        on
            months.supplier_code = segments.supplier_code
            and months.feed = segments.feed
            and months.category_code = segments.category_code
            and months.start_month >= segments.holds_from_month
            and months.start_month
            < coalesce(segments.next_first_month, cast('9999-12-31' as date))
)

select * from final
