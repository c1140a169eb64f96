-- Pairs of absences that start at about the same time. The police alone recorded one
-- absence, and an authority alone recorded the other. They belong to two children of
-- the register who may be the same child.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null and status != 'both'
),

review_pairs as (
    select * from {{ ref('int_possible_same_child') }}
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), ['coincidence_hours']) }}
),

sided as (
    select
        agreement_id,
        child_id_register,
        status,
        coalesce(police_start_lower_at, authority_start_lower_at) as start_lower_at,
        coalesce(police_start_upper_at, authority_start_upper_at) as start_upper_at,
    from agreement_rows
),

pairs as (
    select
        sided.agreement_id,
        review_pairs.match_weight,
        {{ moments_apart('start', 'sided', 'opposite') }} as start_apart_hours,
    from sided
    inner join review_pairs
        on sided.child_id_register = review_pairs.child_id_register
    inner join sided as opposite
        on
            review_pairs.other_child_id_register = opposite.child_id_register
            and sided.status != opposite.status
),

final as (
    select
        pairs.agreement_id,
        min(pairs.start_apart_hours) as start_apart_hours,
        max(pairs.match_weight) as match_weight,
    from pairs
    cross join thresholds
    where pairs.start_apart_hours <= thresholds.coincidence_hours
    group by pairs.agreement_id
)

select * from final
