create temp table pairs as
select lhs.mention_key as left_mention_key, rhs.mention_key as right_mention_key,
    lhs.source as left_source, rhs.source as right_source,
    lhs.first_period_start as left_known, rhs.first_period_start as right_known,
    lhs.identifiers as left_identifiers, rhs.identifiers as right_identifiers,
    lhs.adoption_date as left_adoption, rhs.adoption_date as right_adoption,
    lhs.care_first_start_date as left_start, rhs.care_first_start_date as right_start,
    len(list_filter(
        list_intersect(lhs.identifiers, rhs.identifiers),
        lambda item: not starts_with(item, 'police')
    )) > 0 as has_identifier
from linked as lhs
inner join linked as rhs
    on lhs.component = rhs.component and lhs.mention_key < rhs.mention_key
