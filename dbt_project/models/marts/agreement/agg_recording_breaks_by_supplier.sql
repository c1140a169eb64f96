with

segments as (
    select * from {{ ref('int_recording_segments_found') }}
),

regimes as (
    select * from {{ ref('int_supplier_months_delivered') }}
),

final as (
    select
        {{ joined_key([
            'segments.supplier_code', 'segments.feed', 'segments.category_code',
            'segments.first_month',
        ]) }} as recording_break_id,
        segments.supplier_code,
        segments.feed,
        segments.category_code,
        segments.first_month as break_month,
        segments.is_step,
        segments.is_announced,
        case when segments.is_announced then regimes.regime_code end as regime_code,
        cast(earlier.report_count as double) / earlier.month_count as month_mean_before,
        cast(segments.report_count as double) / segments.month_count
            as month_mean_after,
        segments.level_ratio,
        earlier.month_count as month_count_before,
        segments.month_count as month_count_after,
        segments.dispersion,
        segments.test_statistic,
        segments.p_value,
    from segments
    inner join segments as earlier
        on
            segments.supplier_code = earlier.supplier_code
            and segments.feed = earlier.feed
            and segments.category_code = earlier.category_code
            and segments.segment_number = earlier.segment_number + 1
    left join regimes
        on
            segments.supplier_code = regimes.supplier_code
            and segments.feed = regimes.feed
            and segments.first_month = regimes.start_month
)

select * from final
