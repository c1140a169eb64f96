-- Rows of `links`, by position, of two records of one authority with care at the same time: at two
-- addresses, or under two names. Care periods must overlap by more than a day, since a child who
-- moves is often recorded at both addresses on the day of the move. Records that share an identifier
-- of a person are left out; the reference of a report may be of two children.
select distinct links.position
from links
inner join mentions as lhs on links.left_mention_key = lhs.mention_key
inner join mentions as rhs on links.right_mention_key = rhs.mention_key
inner join care as left_care on lhs.mention_key = left_care.mention_key
inner join care as right_care on rhs.mention_key = right_care.mention_key
where lhs.issuer_code = rhs.issuer_code and lhs.source = rhs.source
    and not list_has_any(
        list_filter(lhs.identifiers, lambda item: not starts_with(item, 'police')),
        rhs.identifiers
    )
    and (
        left_care.place != right_care.place
        or (lhs.names != rhs.names and len(lhs.names) > 0 and len(rhs.names) > 0)
    )
    and greatest(left_care.care_start_date, right_care.care_start_date) + 1
        < least(
            coalesce(left_care.care_end_date, date '9999-12-31'),
            coalesce(right_care.care_end_date, date '9999-12-31')
        )
order by links.position
