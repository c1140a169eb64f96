-- A delivery covers an expected period if the delivery's own period lies within it. A
-- delivery that lies within no expected period has a row of its own.
with

days as (
    select * from {{ ref('int_days') }}
),

accepted_deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

suppliers as (
    select * from {{ ref('ref__suppliers') }}
    where in_population
),

first_periods as (
    select
        feed,
        min(period_start) as first_period_start,
    from accepted_deliveries
    where outcome != 'rejected' and not is_withdrawn
    group by feed
),

last_known as (
    select cast(max(received_at) as date) as known_on
    from accepted_deliveries
),

first_days as (
    select
        date_day as period_start,
        extract(month from date_day) as period_month,
    from days
    where extract(day from date_day) = 1
),

calendars as (
    select
        'monthly' as delivery_calendar,
        period_start,
        {{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'period_start')) }}
            as period_end,
    from first_days
    union all
    select
        'quarterly' as delivery_calendar,
        period_start,
        {{ dbt.dateadd('day', -1, dbt.dateadd('month', 3, 'period_start')) }}
            as period_end,
    from first_days
    where period_month in (1, 4, 7, 10)
    union all
    select
        'yearly' as delivery_calendar,
        period_start,
        {{ dbt.dateadd('day', -1, dbt.dateadd('year', 1, 'period_start')) }}
            as period_end,
    from first_days
    where period_month = 4
),

-- Expected periods of every supplier. They run from the first period that any supplier
-- delivered for the feed to the last period due when the latest delivery arrived.
-- Today's date is not used.
expected as (
    select
        suppliers.supplier_code,
        suppliers.feed,
        {{ period_label(
            'suppliers.feed', 'suppliers.delivery_calendar', 'calendars.period_start'
        ) }} as period,
        cast(calendars.period_start as date) as period_start,
        cast(calendars.period_end as date) as period_end,
        cast(
            {{ dbt.dateadd('day', 'suppliers.due_days', 'calendars.period_end') }}
            as date
        ) as due_date,
    from suppliers
    inner join calendars
        on suppliers.delivery_calendar = calendars.delivery_calendar
    inner join first_periods on suppliers.feed = first_periods.feed
    cross join last_known
    where
        calendars.period_start >= first_periods.first_period_start
        and calendars.period_start >= suppliers.valid_from
        and calendars.period_start
        <= coalesce(suppliers.valid_to, cast('9999-12-31' as date))
        and {{ dbt.dateadd('day', 'suppliers.due_days', 'calendars.period_end') }}
        <= last_known.known_on
),

deliveries as (
    select * from {{ ref('dim_deliveries') }}
    where supplier_code != 'unknown'
),

matched as (
    select
        deliveries.*,
        expected.period as expected_period,
        expected.period_start as expected_period_start,
        expected.period_end as expected_period_end,
        expected.due_date,
    from deliveries
    left join expected
        on
            deliveries.supplier_code = expected.supplier_code
            and deliveries.feed = expected.feed
            and deliveries.period_start >= expected.period_start
            and deliveries.period_end <= expected.period_end
),

periods as (
    select
        supplier_code,
        feed,
        period,
        period_start,
        period_end,
        due_date,
        true as is_expected,
    from expected
    union distinct
    select
        supplier_code,
        feed,
        period,
        period_start,
        period_end,
        cast(null as date) as due_date,
        false as is_expected,
    from matched
    where expected_period is null
),

answered as (
    select
        supplier_code,
        feed,
        coalesce(expected_period, period) as period,
        count(*) as delivery_count,
        sum(case when status in ('current', 'superseded') then 1 else 0 end)
            as usable_count,
        sum(case when status = 'held' then 1 else 0 end) as held_count,
        sum(case when status = 'withdrawn' then 1 else 0 end) as withdrawn_count,
        min(case when outcome != 'rejected' then received_at end) as first_received_at,
    from matched
    group by supplier_code, feed, coalesce(expected_period, period)
),

final as (
    select
        {{ surrogate_key(['periods.supplier_code', 'periods.feed', 'periods.period']) }}
            as supplier_period_id,
        periods.supplier_code,
        periods.feed,
        periods.period,
        periods.period_start,
        periods.period_end,
        periods.due_date,
        periods.is_expected,
        coalesce(answered.usable_count, 0) > 0 as is_delivered,
        coalesce(
            answered.usable_count > 0
            and cast(answered.first_received_at as date) > periods.due_date,
            false
        ) as is_late,
        case
            when coalesce(answered.delivery_count, 0) = 0 then 'never'
            when
                answered.usable_count > 0
                and cast(answered.first_received_at as date) > periods.due_date
                then 'late'
            when answered.usable_count > 0 then 'delivered'
            when answered.held_count > 0 then 'held'
            when answered.withdrawn_count > 0 then 'withdrawn'
            else 'rejected'
        end as coverage_code,
        answered.first_received_at,
        cast(coalesce(answered.delivery_count, 0) as integer) as delivery_count,
    from periods
    left join answered
        on
            periods.supplier_code = answered.supplier_code
            and periods.feed = answered.feed
            and periods.period = answered.period
)

select * from final
