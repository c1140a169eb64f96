-- The one place that decides whose rows are in the register. A delivery is eligible
-- unless it was rejected, is held without a person's confirmation, or was refused.
-- The latest received of a supplier, feed and period supersedes the others; an
-- authority extract is cumulative, so only its latest period counts.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

decisions as (
    select * from {{ ref('stg_decisions__deliveries') }}
),

ranked_decisions as (
    select
        delivery_id,
        decision,
        row_number() over (
            partition by delivery_id
            order by decided_at desc, _row_number desc
        ) as decision_rank,
    from decisions
),

eligible as (
    select deliveries.*
    from deliveries
    left join ranked_decisions
        on
            deliveries.delivery_id = ranked_decisions.delivery_id
            and ranked_decisions.decision_rank = 1
    where
        deliveries.outcome != 'rejected'
        and coalesce(ranked_decisions.decision, 'none') != 'refuse'
        and (
            not deliveries.is_held
            or coalesce(ranked_decisions.decision, 'none') = 'confirm'
        )
),

ranked as (
    select
        *,
        row_number() over (
            partition by feed, supplier_code, period
            order by received_at desc, delivery_id desc
        ) as resubmission_rank,
        dense_rank() over (
            partition by feed, supplier_code
            order by period_end desc, period_start desc, period desc
        ) as period_rank,
    from eligible
),

final as (
    select
        delivery_id,
        feed,
        supplier_code,
        period,
        period_start,
        period_end,
        received_at,
        outcome,
        is_held,
        layout_name,
        case_system,
        received_row_count,
        landed_row_count,
        quarantined_row_count,
        flag_count,
        table_names,
        {{ landing_folder('feed', 'delivery_id') }} as delivery_folder,
    from ranked
    where
        resubmission_rank = 1
        and (feed != 'authority_extract' or period_rank = 1)
)

select * from final
