-- A supplier is silent if no usable delivery reaches the end of the last period that
-- was due. The silence began when the first period that none reaches was due. A
-- delivery of a later period ends the silence, whatever calendar the supplier follows.
with

deliveries as (
    select * from {{ ref('dim_deliveries') }}
),

delivered as (
    select
        supplier_code,
        feed,
        max(period_end) as last_delivered_day,
    from deliveries
    where status in ('current', 'superseded')
    group by supplier_code, feed
),

periods as (
    select
        coverage.*,
        delivered.last_delivered_day,
    from {{ ref('agg_supplier_coverage_by_period') }} as coverage
    left join delivered
        on
            coverage.supplier_code = delivered.supplier_code
            and coverage.feed = delivered.feed
    where coverage.is_expected
),

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from deliveries
),

unanswered as (
    select
        *,
        row_number() over (
            partition by supplier_code, feed order by period_end desc, period desc
        ) as recency_rank,
    from periods
    where
        last_delivered_day is null
        or last_delivered_day < period_end
),

final as (
    select
        {{ joined_key(['unanswered.supplier_code', 'unanswered.feed']) }}
            as silent_supplier_id,
        unanswered.supplier_code,
        unanswered.feed,
        case
            when max(unanswered.last_delivered_day) is null then 'never_delivered'
            else 'stopped'
        end as silence_code,
        max(
            case
                when unanswered.recency_rank > 1 then null
                when unanswered.is_delivered then 'in_part'
                else unanswered.coverage_code
            end
        ) as last_coverage_code,
        max(unanswered.last_delivered_day) as last_delivered_day,
        min(unanswered.due_date) as since_date,
        known_on.as_of_date,
        count(*) as period_count,
    from unanswered
    cross join known_on
    group by unanswered.supplier_code, unanswered.feed, known_on.as_of_date
)

select * from final
