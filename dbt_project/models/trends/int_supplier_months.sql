-- A month without a report is 0 where the supplier delivered it and null where it did
-- not. A category that the supplier never used has no series. An announced change
-- begins with the first month whose middle it has reached; one of a category also
-- changes the sum of all categories.
with

reports as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'start_date') }} as date) as start_month,
    from {{ ref('int_report_intervals') }}
    where
        start_date is not null
        and coalesce(episode_exclusion_reason, 'none')
        not in ({{ sql_literals(impossible_reasons()) }})
),

months as (
    select * from {{ ref('int_supplier_month_coverage') }}
),

announced as (
    select
        *,
        {{ dbt.dateadd('day', -14, 'changed_from_date') }} as changed_in_from_date,
    from {{ ref('int_recording_changes') }}
),

counts as (
    select
        supplier_code,
        feed,
        category_code,
        start_month,
        count(*) as report_count,
    from reports
    group by supplier_code, feed, category_code, start_month
    union all
    select
        supplier_code,
        feed,
        'every' as category_code,
        start_month,
        count(*) as report_count,
    from reports
    group by supplier_code, feed, start_month
),

series as (
    select distinct
        supplier_code,
        feed,
        category_code,
    from counts
),

supplier_series as (
    select
        months.*,
        series.category_code,
    from months
    inner join series
        on
            months.supplier_code = series.supplier_code
            and months.feed = series.feed
),

-- The last in force of several: its key begins with the supplier and the day.
changed as (
    select
        supplier_series.supplier_code,
        supplier_series.feed,
        supplier_series.category_code,
        supplier_series.start_month,
        max(announced.recording_change_id) as recording_change_id,
    from supplier_series
    inner join announced
        on
            supplier_series.supplier_code = announced.supplier_code
            and supplier_series.start_month >= announced.changed_in_from_date
            and (
                supplier_series.category_code in ('every', announced.category_code)
                or announced.category_code = 'every'
            )
    group by
        supplier_series.supplier_code,
        supplier_series.feed,
        supplier_series.category_code,
        supplier_series.start_month
),

final as (
    select
        supplier_series.supplier_code,
        supplier_series.source,
        supplier_series.feed,
        supplier_series.category_code,
        supplier_series.start_month,
        supplier_series.is_delivered,
        case when supplier_series.is_delivered then coalesce(counts.report_count, 0) end
            as report_count,
        supplier_series.regime_code,
        changed.recording_change_id,
    from supplier_series
    left join counts
        on
            supplier_series.supplier_code = counts.supplier_code
            and supplier_series.feed = counts.feed
            and supplier_series.category_code = counts.category_code
            and supplier_series.start_month = counts.start_month
    left join changed
        on
            supplier_series.supplier_code = changed.supplier_code
            and supplier_series.feed = changed.feed
            and supplier_series.category_code = changed.category_code
            and supplier_series.start_month = changed.start_month
)

select * from final
