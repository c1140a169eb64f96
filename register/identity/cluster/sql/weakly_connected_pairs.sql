with members as (
    select *, count(*) over (partition by component) as member_count from labelled
)
select lhs.mention_key as left_mention_key, rhs.mention_key as right_mention_key
from members as lhs
inner join members as rhs
    on lhs.component = rhs.component and lhs.mention_key < rhs.mention_key
anti join scored
    on lhs.mention_key = scored.left_mention_key and rhs.mention_key = scored.right_mention_key
where lhs.member_count > 2
order by left_mention_key, right_mention_key
