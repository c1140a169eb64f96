-- A supplier is silent if the last period that was due has no usable delivery. The
-- silence began when the first period after the last usable delivery was due. If there
-- never was one, it began when the first expected period was due.
with

periods as (
    select
        *,
        max(case when is_delivered then period_end end) over (
            partition by supplier_code, feed
        ) as last_delivered_day,
    from {{ ref('agg_supplier_coverage_by_period') }}
    where is_expected
),

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from {{ ref('dim_deliveries') }}
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
        max(case when unanswered.recency_rank = 1 then unanswered.coverage_code end)
            as last_coverage_code,
        max(unanswered.last_delivered_day) as last_delivered_day,
        min(unanswered.due_date) as since_date,
        known_on.as_of_date,
        count(*) as period_count,
    from unanswered
    cross join known_on
    group by unanswered.supplier_code, unanswered.feed, known_on.as_of_date
)

select * from final
