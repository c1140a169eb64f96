select distinct pairs.left_mention_key, pairs.right_mention_key, '{guard_code}' as guard_code
from pairs
inner join care as lhs on pairs.left_mention_key = lhs.mention_key
inner join care as rhs on pairs.right_mention_key = rhs.mention_key
where pairs.left_issuer = pairs.right_issuer and pairs.left_source = pairs.right_source
    and (
        lhs.place != rhs.place
        or (
            pairs.left_names != pairs.right_names
            and len(pairs.left_names) > 0 and len(pairs.right_names) > 0
        )
    )
    and greatest(lhs.care_start_date, rhs.care_start_date) + 1
        < least(
            coalesce(lhs.care_end_date, date '9999-12-31'),
            coalesce(rhs.care_end_date, date '9999-12-31')
        )
