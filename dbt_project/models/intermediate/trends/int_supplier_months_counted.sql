-- A month without a report is nought where the supplier delivered it and blank where
-- it did not. A category that the supplier never used is no series.
with

reports as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'start_date') }} as date) as start_month,
    from {{ ref('int_report_intervals') }}
    where start_date is not null
),

months as (
    select * from {{ ref('int_supplier_months_delivered') }}
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

final as (
    select
        months.supplier_code,
        months.source,
        months.feed,
        series.category_code,
        months.start_month,
        months.is_delivered,
        case when months.is_delivered then coalesce(counts.report_count, 0) end
            as report_count,
        months.regime_code,
    from months
    inner join series
        on
            months.supplier_code = series.supplier_code
            and months.feed = series.feed
    left join counts
        on
            months.supplier_code = counts.supplier_code
            and months.feed = counts.feed
            and series.category_code = counts.category_code
            and months.start_month = counts.start_month
)

select * from final
