{%- do source('ledger', 'deliveries') -%}
{%- do source('ledger', 'holds') -%}
{%- do source('decisions', 'deliveries') -%}

-- Every delivery and its status. Only this model decides which rows are in the
-- register. A delivery is eligible unless it was rejected, refused or withdrawn, or is
-- held and no person has confirmed it. Confirming or refusing is decided separately
-- from withdrawing or reinstating, and the last decision of each kind counts. Of the
-- eligible deliveries of a supplier, feed and period, the latest received is current.
-- An authority extract is cumulative, so only that of the latest period is current.
with

entries as (
    select *
    from {{ read_ledger_entries() }}
),

judgements as (
    select
        delivery_id,
        hold_rule_code,
        row_number() over (
            partition by delivery_id
            order by judgement_number desc
        ) as judgement_rank,
    from {{ read_judgements() }}
    where known_from <= cast('{{ var("as_known_at") }}' as timestamp)
),

-- A later delivery or decision can change whether a delivery is held, so the last
-- judgement counts.
holds as (
    select
        delivery_id,
        hold_rule_code,
    from judgements
    where judgement_rank = 1 and hold_rule_code is not null
),

decided_rows as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'deliveries.csv',
        ['decided_at', 'decided_by', 'delivery_id', 'decision', 'reason']
    ) }}
),

decisions as (
    select
        cast(decided_at as timestamp) as decided_at,
        delivery_id,
        decision,
        _row_number,
    from decided_rows
    where
        cast(decided_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
),

deliveries as (
    select
        entries.delivery_id,
        entries.feed,
        entries.supplier_code,
        entries.period,
        entries.period_start,
        entries.period_end,
        entries.received_at,
        entries.content_hash,
        entries.outcome,
        entries.reject_rule_code,
        holds.delivery_id is not null as is_held,
        holds.hold_rule_code,
        entries.layout_name,
        entries.case_system,
        entries.source_form,
        entries.file_count,
        coalesce(entries.received_row_count, 0) as received_row_count,
        coalesce(entries.landed_row_count, 0) as landed_row_count,
        coalesce(entries.quarantined_row_count, 0) as quarantined_row_count,
        coalesce(entries.erased_row_count, 0) as erased_row_count,
        coalesce(entries.flag_count, 0) as flag_count,
        {{ joined_text('entries.unknown_columns') }} as unknown_columns,
        {{ landed_table_names('entries.tables') }} as table_names,
        entries.tables,
        entries.code_version,
    from entries
    left join holds on entries.delivery_id = holds.delivery_id
    where
        entries.received_at
        <= cast('{{ var("as_known_at") }}' as timestamp)
),

ranked_decisions as (
    select
        delivery_id,
        decision,
        decision in ('withdraw', 'reinstate') as is_about_withdrawal,
        row_number() over (
            partition by delivery_id, decision in ('withdraw', 'reinstate')
            order by decided_at desc, _row_number desc
        ) as decision_rank,
    from decisions
),

decided as (
    select
        deliveries.*,
        ranked_decisions.decision,
        coalesce(withdrawals.decision = 'withdraw', false) as is_withdrawn,
        deliveries.outcome != 'rejected'
        and coalesce(withdrawals.decision, 'none') != 'withdraw'
        and coalesce(ranked_decisions.decision, 'none') != 'refuse'
        and (
            not deliveries.is_held
            or coalesce(ranked_decisions.decision, 'none') = 'confirm'
        ) as is_eligible,
        -- An extract replaces all earlier extracts, whatever their period.
        case deliveries.feed
            when 'authority_extract' then 'any' else deliveries.period
        end as superseding_period,
    from deliveries
    left join ranked_decisions
        on
            deliveries.delivery_id = ranked_decisions.delivery_id
            and ranked_decisions.decision_rank = 1
            and not ranked_decisions.is_about_withdrawal
    left join ranked_decisions as withdrawals
        on
            deliveries.delivery_id = withdrawals.delivery_id
            and withdrawals.decision_rank = 1
            and withdrawals.is_about_withdrawal
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
    from decided
    where is_eligible
),

current_deliveries as (
    select *
    from ranked
    where
        resubmission_rank = 1
        and (feed != 'authority_extract' or period_rank = 1)
),

final as (
    select
        decided.*,
        coalesce(current_deliveries.delivery_id = decided.delivery_id, false)
            as is_current,
        case
            when decided.outcome = 'rejected' then 'rejected'
            when decided.is_withdrawn then 'withdrawn'
            when current_deliveries.delivery_id = decided.delivery_id then 'current'
            when decided.decision = 'refuse' then 'refused'
            when
                decided.is_held
                and decided.decision is null
                and (
                    current_deliveries.received_at is null
                    or current_deliveries.period_end < decided.period_end
                    or (
                        current_deliveries.period_end = decided.period_end
                        and current_deliveries.received_at <= decided.received_at
                    )
                )
                then 'held'
            else 'superseded'
        end as status,
        {{ landing_folder('decided.feed', 'decided.delivery_id') }} as delivery_folder,
    from decided
    left join current_deliveries
        on
            decided.feed = current_deliveries.feed
            and decided.supplier_code = current_deliveries.supplier_code
            and decided.superseding_period = current_deliveries.superseding_period
)

select * from final
