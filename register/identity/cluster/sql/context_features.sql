-- Features of each pair from other records. Tables: `records` (record_id, source, issuer_code,
-- tokens) and `pairs` (pair_id, left_id, right_id, weight). `weight` has the bits of the cap taken
-- off.
with ends as (
    select pair_id, left_id as one, right_id as other, weight from pairs
    union all
    select pair_id, right_id, left_id, weight from pairs
),

best as (
    select one, max(weight, 2) as weights from ends group by one
),

rivals as (
    select pair_id,
        coalesce(case when lhs.weights[1] = pairs.weight then lhs.weights[2]
            else lhs.weights[1] end, {none}) as of_left,
        coalesce(case when rhs.weights[1] = pairs.weight then rhs.weights[2]
            else rhs.weights[1] end, {none}) as of_right
    from pairs
    inner join best as lhs on pairs.left_id = lhs.one
    inner join best as rhs on pairs.right_id = rhs.one
),

near as (
    select one, other, weight from ends
    where weight >= {near}
    qualify row_number() over (partition by one order by weight desc, other) <= {most_near}
),

supports as (
    select pair_id, max(least(lhs.weight, rhs.weight)) as support
    from pairs
    inner join near as lhs on pairs.left_id = lhs.one
    inner join near as rhs on pairs.right_id = rhs.one and lhs.other = rhs.other
    group by pair_id
),

sides as (
    select pair_id, left_id as one, right_id as other from pairs
    union all
    select pair_id, right_id, left_id from pairs
),

contradictions as (
    select sides.pair_id,
        max(near.weight - greatest(coalesce(ends.weight, {unlike}), {unlike})) as contradiction
    from sides
    inner join near on sides.one = near.one and sides.other != near.other
    left join ends on sides.other = ends.one and near.other = ends.other
    group by sides.pair_id
),

issuers as (
    select pair_id, pairs.weight,
        least(lhs.issuer_code, rhs.issuer_code) as one,
        greatest(lhs.issuer_code, rhs.issuer_code) as other
    from pairs
    inner join records as lhs on pairs.left_id = lhs.record_id
    inner join records as rhs on pairs.right_id = rhs.record_id
),

shared as (
    select one, other, count(*) as pair_count from issuers where weight >= {sure} group by all
),

of_issuer as (
    select issuer, sum(pair_count) as pair_count
    from (
        select one as issuer, pair_count from shared
        union all
        select other, pair_count from shared
    )
    group by issuer
),

affinities as (
    select lhs.issuer as one, rhs.issuer as other,
        log2(
            (coalesce(shared.pair_count, 0) + 0.5)
            / (lhs.pair_count * rhs.pair_count
                / (case when lhs.issuer = rhs.issuer then 2 else 1 end * total.pair_count) + 0.5)
        ) as affinity
    from of_issuer as lhs
    inner join of_issuer as rhs on lhs.issuer <= rhs.issuer
    cross join (select sum(pair_count) as pair_count from of_issuer) as total
    left join shared on lhs.issuer = shared.one and rhs.issuer = shared.other
),

names as (
    select pair_id, len(list_intersect(lhs.tokens, rhs.tokens)) as shared_names,
        least(len(lhs.tokens), len(rhs.tokens)) as fewest_names
    from pairs
    inner join records as lhs on pairs.left_id = lhs.record_id
    inner join records as rhs on pairs.right_id = rhs.record_id
)

select pairs.pair_id,
    shared_names,
    fewest_names - shared_names as other_names,
    pairs.weight - greatest(of_left, of_right) as lead,
    pairs.weight - least(of_left, of_right) as lead_at_one_end,
    contradiction,
    support,
    affinity
from pairs
inner join names using (pair_id)
inner join rivals using (pair_id)
inner join issuers using (pair_id)
left join supports using (pair_id)
left join contradictions using (pair_id)
left join affinities on issuers.one = affinities.one and issuers.other = affinities.other
order by pair_id
