with

segments as (
    select * from {{ ref('int_recording_segments') }}
),

months as (
    select * from {{ ref('int_supplier_months') }}
),

changes as (
    select * from {{ ref('int_recording_changes') }}
),

begun as (
    select
        segments.*,
        cast(earlier.report_count as double) / earlier.month_count as month_mean_before,
        cast(segments.report_count as double) / segments.month_count
            as month_mean_after,
        earlier.month_count as month_count_before,
        case
            when months.regime_code != months_before.regime_code then months.regime_code
        end as regime_code,
        case
            when
                months.recording_change_id
                != coalesce(months_before.recording_change_id, 'none')
                then months.recording_change_id
        end as recording_change_id,
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
),

final as (
    select
        {{ joined_key([
            'begun.supplier_code', 'begun.feed', 'begun.category_code',
            'begun.first_month',
        ]) }} as recording_break_id,
        begun.supplier_code,
        begun.feed,
        begun.category_code,
        begun.first_month as break_month,
        begun.is_step,
        begun.is_certain_step,
        begun.is_announced,
        begun.regime_code,
        changes.change_code,
        changes.changed_from_date,
        begun.month_mean_before,
        begun.month_mean_after,
        begun.level_ratio,
        begun.month_count_before,
        begun.month_count as month_count_after,
        begun.dispersion,
        begun.test_statistic,
        begun.p_value,
    from begun
    left join changes on begun.recording_change_id = changes.recording_change_id
)

select * from final
