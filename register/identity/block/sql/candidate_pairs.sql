insert into candidate_pairs
with used_keys as (
    select key from asked_keys
    where rule_place = {place}
    group by key
    having count(*) between 2 and {most}
), usable as (
    select key, person_id, dataset from asked_keys
    inner join used_keys using (key)
    where rule_place = {place}
)
select {place} as rule_place, lhs.person_id as left_id, rhs.person_id as right_id
from usable as lhs
inner join usable as rhs on lhs.key = rhs.key and lhs.person_id < rhs.person_id
where {condition}
group by lhs.person_id, rhs.person_id
