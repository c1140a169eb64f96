-- All months from the first to the last period delivered in a feed. Where a definition
-- regime has dates for one supplier, they take precedence over its dates for all
-- suppliers of the type.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where outcome != 'rejected' and not is_withdrawn
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
),

regimes as (
    select * from {{ ref('ref__definition_regimes') }}
),

days as (
    select
        date_day as start_month,
        {{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'date_day')) }} as last_day,
    from {{ ref('int_days') }}
    where extract(day from date_day) = 1
),

feed_months as (
    select distinct
        deliveries.feed,
        days.start_month,
        days.last_day,
    from deliveries
    inner join days
        on
            deliveries.period_start <= days.start_month
            and deliveries.period_end >= days.start_month
),

supplier_months as (
    select distinct
        spans.supplier_code,
        spans.source,
        feed_months.feed,
        feed_months.start_month,
        feed_months.last_day,
    from feed_months
    inner join spans on feed_months.feed = spans.feed
),

delivered as (
    select distinct
        supplier_months.supplier_code,
        supplier_months.feed,
        supplier_months.start_month,
    from supplier_months
    inner join spans
        on
            supplier_months.supplier_code = spans.supplier_code
            and supplier_months.feed = spans.feed
            and supplier_months.start_month >= spans.covered_from_date
            and supplier_months.last_day <= spans.covered_to_date
),

ranked as (
    select
        supplier_months.*,
        regimes.regime_code,
        delivered.supplier_code is not null as is_delivered,
        row_number() over (
            partition by
                supplier_months.supplier_code,
                supplier_months.feed,
                supplier_months.start_month
            order by
                case when regimes.supplier_code = 'all' then 1 else 0 end,
                regimes.valid_from desc,
                regimes.regime_code asc
        ) as preference_rank,
    from supplier_months
    left join delivered
        on
            supplier_months.supplier_code = delivered.supplier_code
            and supplier_months.feed = delivered.feed
            and supplier_months.start_month = delivered.start_month
    left join regimes
        on
            supplier_months.source = regimes.supplier_type
            and regimes.supplier_code in (supplier_months.supplier_code, 'all')
            and supplier_months.last_day >= regimes.valid_from
            and supplier_months.last_day
            <= coalesce(regimes.valid_to, cast('9999-12-31' as date))
),

final as (
    select
        supplier_code,
        source,
        feed,
        start_month,
        is_delivered,
        coalesce(regime_code, 'unknown') as regime_code,
    from ranked
    where preference_rank = 1
)

select * from final
