-- One primary reason for every disagreement, by the precedence of what shows and how
-- strongly (ref__reason_precedence); the others contribute.
with

found as (
    select * from {{ ref('int_reasons_found') }}
    union all
    select * from {{ ref('int_reason_d00_unexplained') }}
),

precedence as (
    select * from {{ ref('ref__reason_precedence') }}
),

final as (
    select
        found.*,
        precedence.precedence,
        row_number() over (
            partition by found.agreement_id
            order by precedence.precedence, found.reason_code
        ) as reason_rank,
    from found
    inner join precedence
        on
            found.reason_code = precedence.reason_code
            and found.strength = precedence.strength
)

select * from final
