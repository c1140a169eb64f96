with weighed as (
    select person_id_l, person_id_r, match_weight, match_key,
        {columns},
        {capped_by} as capped_by
    from scored
)
select lhs.person_key as left_key, rhs.person_key as right_key, match_weight,
    cast(match_key as integer) as blocking_rule_place, capped_by,
    weighed.* exclude (person_id_l, person_id_r, match_weight, match_key, capped_by)
from weighed
inner join persons as lhs on weighed.person_id_l = lhs.person_id
inner join persons as rhs on weighed.person_id_r = rhs.person_id
order by left_key, right_key
