with limits as (
    select * from values {limits} as limits (rule_place, most_holders)
), used_keys as (
    select asked_keys.key
    from asked_keys
    inner join limits on asked_keys.rule_place = limits.rule_place
    group by asked_keys.key, limits.most_holders
    having count(*) between 2 and limits.most_holders
), usable as (
    select asked_keys.* from asked_keys left semi join used_keys on asked_keys.key = used_keys.key
)
select cast(min(lhs.rule_place) as string) as match_key,
    lhs.person_id as join_key_l, rhs.person_id as join_key_r
from usable as lhs
inner join usable as rhs on lhs.key = rhs.key and lhs.person_id < rhs.person_id
where lhs.is_changed or rhs.is_changed
group by lhs.person_id, rhs.person_id
