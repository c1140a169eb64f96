-- What every supplier's calendar asks for, from the first period that anybody
-- delivered of a feed to the last one that was due when the latest delivery arrived:
-- the register has no clock of its own.
with

days as (
    select * from {{ ref('int_days_numbered') }}
),

suppliers as (
    select * from {{ ref('ref__suppliers') }}
    where in_population
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

first_periods as (
    select
        feed,
        min(period_start) as first_period_start,
    from deliveries
    where outcome != 'rejected'
    group by feed
),

last_known as (
    select cast(max(received_at) as date) as known_on
    from deliveries
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

final as (
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
)

select * from final
