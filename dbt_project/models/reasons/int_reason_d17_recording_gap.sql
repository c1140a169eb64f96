-- In the month in which the absence starts, the supplier recorded a far smaller share
-- than usual of the other source's absences of looked-after children. So recording
-- fell, not the number of absences. Absences that both recorded are included for
-- comparison.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

holdings as (
    select * from {{ ref('int_agreement_coverage_pairs') }}
),

months as (
    {{ recorded_months(
        ref('int_agreement_coverage_pairs'), ref('ref__reason_thresholds')
    ) }}
),

thresholds as (
    {{ reason_thresholds(
        ref('ref__reason_thresholds'),
        ['break_window_months', 'break_share', 'break_deviance']
    ) }}
),

totals as (
    select
        source,
        supplier_code,
        sum(known_count) as known_count,
        sum(held_count) as held_count,
    from months
    group by source, supplier_code
),

windows as (
    select
        months.source,
        months.supplier_code,
        months.start_month,
        min(cast(thresholds.break_window_months as integer)) as month_count,
        sum(nearby.known_count) as known_count,
        sum(nearby.held_count) as held_count,
    from months
    cross join thresholds
    inner join months as nearby
        on
            months.source = nearby.source
            and months.supplier_code = nearby.supplier_code
            and months.start_month <= nearby.start_month
            and nearby.start_month < {{ dbt.dateadd(
                'month',
                'cast(thresholds.break_window_months as integer)',
                'months.start_month'
            ) }}
    group by months.source, months.supplier_code, months.start_month
),

usual as (
    select
        windows.*,
        cast(totals.held_count - windows.held_count as double)
        / nullif(totals.known_count - windows.known_count, 0) as usual_share,
        {{ function('shares_deviance') }}(
            windows.held_count,
            windows.known_count,
            (totals.held_count - windows.held_count),
            (totals.known_count - windows.known_count)
        ) as deviance,
    from windows
    inner join totals
        on
            windows.source = totals.source
            and windows.supplier_code = totals.supplier_code
),

broken as (
    select usual.*
    from usual
    cross join thresholds
    where
        usual.held_count
        <= thresholds.break_share * usual.usual_share * usual.known_count
        and usual.deviance >= thresholds.break_deviance
),

gaps as (
    select
        months.source,
        months.supplier_code,
        months.start_month,
        months.known_count,
        months.held_count,
        max(broken.usual_share) as usual_share,
    from months
    cross join thresholds
    inner join broken
        on
            months.source = broken.source
            and months.supplier_code = broken.supplier_code
            and months.start_month >= broken.start_month
            and months.start_month < {{ dbt.dateadd(
                'month', 'broken.month_count', 'broken.start_month'
            ) }}
    where
        months.held_count
        <= thresholds.break_share * broken.usual_share * months.known_count
    group by
        months.source,
        months.supplier_code,
        months.start_month,
        months.known_count,
        months.held_count
),

final as (
    select
        expected_records.agreement_id,
        'D17' as reason_code,
        'strong' as strength,
        'that month '
        || cast(cast(gaps.held_count as integer) as varchar)
        || ' of '
        || cast(gaps.known_count as varchar)
        || ', usually '
        || cast(cast(round(100 * gaps.usual_share) as integer) as varchar)
        || ' %' as evidence,
        expected_records.expected_source,
        expected_records.is_missed,
    from expected_records
    inner join holdings on expected_records.agreement_id = holdings.agreement_id
    inner join gaps
        on
            expected_records.expected_source = gaps.source
            and expected_records.expected_supplier_code = gaps.supplier_code
            and holdings.start_month = gaps.start_month
)

select * from final
