-- A month without a report is 0 if the supplier delivered it, and null otherwise. A
-- category that the supplier never used has no series. An announced change counts from
-- its own month if it is by the 15th, otherwise from the next month. A change to one
-- category also counts as a change to the series `every` and `brief`.
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

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['brief_hours']) }}
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
        cast(null as bigint) as exposure_count,
    from reports
    group by supplier_code, feed, category_code, start_month
    union all
    select
        supplier_code,
        feed,
        'every' as category_code,
        start_month,
        count(*) as report_count,
        cast(null as bigint) as exposure_count,
    from reports
    group by supplier_code, feed, start_month
    -- Brief absences, among reports whose start and end have a time. How many are brief
    -- depends little on the child and the season.
    union all
    select
        reports.supplier_code,
        reports.feed,
        'brief' as category_code,
        reports.start_month,
        count(
            case
                when
                    {{ dbt.dateadd(
                        'hour',
                        'cast(thresholds.brief_hours as integer)',
                        'reports.started_at'
                    ) }} > reports.first_end_at
                    then 1
            end
        ) as report_count,
        count(*) as exposure_count,
    from reports
    cross join thresholds
    where
        reports.start_precision = 'minute'
        and reports.first_end_precision = 'minute'
        and reports.first_end_at >= reports.started_at
    group by reports.supplier_code, reports.feed, reports.start_month
),

children as (
    select
        supplier_code,
        feed,
        category_code,
        child_id_register,
        count(*) as report_count,
    from reports
    group by supplier_code, feed, category_code, child_id_register
    union all
    select
        supplier_code,
        feed,
        'every' as category_code,
        child_id_register,
        count(*) as report_count,
    from reports
    group by supplier_code, feed, child_id_register
),

dispersions as (
    select
        supplier_code,
        feed,
        category_code,
        cast(sum(report_count * report_count) as double)
        / sum(report_count) as child_dispersion,
    from children
    group by supplier_code, feed, category_code
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

-- If several announcements apply, the last one counts: keys begin with the supplier and
-- the date, so the greatest key is the last.
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
                supplier_series.category_code
                in ('every', 'brief', announced.category_code)
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
        case
            when
                supplier_series.is_delivered
                and supplier_series.category_code = 'brief'
                then coalesce(counts.exposure_count, 0)
        end as exposure_count,
        dispersions.child_dispersion,
        supplier_series.regime_code,
        changed.recording_change_id,
    from supplier_series
    left join counts
        on
            supplier_series.supplier_code = counts.supplier_code
            and supplier_series.feed = counts.feed
            and supplier_series.category_code = counts.category_code
            and supplier_series.start_month = counts.start_month
    left join dispersions
        on
            supplier_series.supplier_code = dispersions.supplier_code
            and supplier_series.feed = dispersions.feed
            and supplier_series.category_code = dispersions.category_code
    left join changed
        on
            supplier_series.supplier_code = changed.supplier_code
            and supplier_series.feed = changed.feed
            and supplier_series.category_code = changed.category_code
            and supplier_series.start_month = changed.start_month
)

select * from final
