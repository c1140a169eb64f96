-- Whether a decision has expired is judged on the day of the last delivery, not today.
-- So the same deliveries always give the same register.
with

decisions as (
    select * from {{ ref('stg_decisions__links') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

last_known as (
    select cast(max(received_at) as date) as known_on
    from deliveries
),

ordered as (
    select
        decisions.decided_at,
        decisions.decided_by,
        decisions.decision,
        decisions.reason,
        decisions.expires_on_date,
        least(decisions.left_mention_key, decisions.right_mention_key)
            as left_mention_key,
        greatest(decisions.left_mention_key, decisions.right_mention_key)
            as right_mention_key,
        decisions._row_number,
    from decisions
),

latest as (
    select
        *,
        row_number() over (
            partition by left_mention_key, right_mention_key
            order by decided_at desc, _row_number desc
        ) as decision_rank,
    from ordered
),

final as (
    select
        latest.left_mention_key,
        latest.right_mention_key,
        latest.decision,
        latest.decided_at,
        latest.decided_by,
        latest.reason,
    from latest
    cross join last_known
    where
        latest.decision_rank = 1
        and latest.decision != 'void'
        and (
            latest.expires_on_date is null
            or last_known.known_on is null
            or latest.expires_on_date >= last_known.known_on
        )
)

select * from final
