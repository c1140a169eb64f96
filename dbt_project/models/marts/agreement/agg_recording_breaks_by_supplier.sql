with

segments as (
    select * from {{ ref('int_recording_segments_found') }}
),

months as (
    select * from {{ ref('int_supplier_months_counted') }}
),

changes as (
    select * from {{ ref('int_recording_changes_announced') }}
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
        case
            when months.regime_code != months_before.regime_code then months.regime_code
        end as regime_code,
        changes.change_code,
        changes.changed_from_date,
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
    inner join months
        on
            segments.supplier_code = months.supplier_code
            and segments.feed = months.feed
            and segments.category_code = months.category_code
            and segments.first_month = months.start_month
    inner join months as months_before
        on
            segments.supplier_code = months_before.supplier_code
            and segments.feed = months_before.feed
            and segments.category_code = months_before.category_code
            and earlier.last_month = months_before.start_month
    left join changes
        on
            months.recording_change_id = changes.recording_change_id
            and months.recording_change_id
            != coalesce(months_before.recording_change_id, 'none')
)

select * from final
