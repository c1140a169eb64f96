-- What became of every delivery ever landed: only 'current' ones have rows in the
-- register.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

current_deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
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

final as (
    select
        deliveries.delivery_id,
        deliveries.feed,
        deliveries.supplier_code,
        deliveries.period,
        deliveries.period_start,
        deliveries.period_end,
        deliveries.received_at,
        deliveries.content_hash,
        deliveries.outcome,
        deliveries.reject_rule_code,
        deliveries.is_held,
        deliveries.hold_rule_code,
        deliveries.layout_name,
        deliveries.case_system,
        deliveries.source_form,
        deliveries.file_count,
        deliveries.received_row_count,
        deliveries.landed_row_count,
        deliveries.quarantined_row_count,
        deliveries.flag_count,
        deliveries.unknown_columns,
        case
            when deliveries.outcome = 'rejected' then 'rejected'
            when current_deliveries.delivery_id = deliveries.delivery_id then 'current'
            when ranked_decisions.decision = 'refuse' then 'refused'
            when
                deliveries.is_held
                and ranked_decisions.decision is null
                and (
                    current_deliveries.received_at is null
                    or current_deliveries.received_at <= deliveries.received_at
                )
                then 'held'
            else 'superseded'
        end as status,
    from deliveries
    left join current_deliveries
        on
            deliveries.feed = current_deliveries.feed
            and deliveries.supplier_code = current_deliveries.supplier_code
            -- An extract stands for all there is, whatever its period.
            and case deliveries.feed
                when 'authority_extract' then 'any' else deliveries.period
            end = case current_deliveries.feed
                when 'authority_extract' then 'any' else current_deliveries.period
            end
    left join ranked_decisions
        on
            deliveries.delivery_id = ranked_decisions.delivery_id
            and ranked_decisions.decision_rank = 1
)

select * from final
