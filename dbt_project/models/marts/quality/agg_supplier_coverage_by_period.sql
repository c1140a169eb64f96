-- A delivery answers for a period when it covers no more than that period; one that
-- answers for none that was expected has a row of its own.
with

expected as (
    select * from {{ ref('int_periods_expected') }}
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
