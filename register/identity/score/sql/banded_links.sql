with weighed as (
    select * replace (match_weight + {shift} as match_weight) from scored
), banded as (
    select *, case when match_weight >= {link} and capped_by is null then 'link'
        else 'review' end as band
    from weighed
)
select left_mention_key, right_mention_key, match_weight,
    1 / (1 + pow(2, -greatest(least({log_odds}, 500), -500)))
        as match_probability,
    {method} as link_method,
    {evidence} as evidence,
    band, capped_by,
    {same_forename} and {same_surname}
        and {same_birth_date} as is_exact,
    match_weight >= {strict} and capped_by is null as is_strict,
    match_weight >= {loose} and capped_by is null as is_loose,
    {differs_in_sex_alone} as differs_in_sex_alone,
    cast(null as struct(code varchar, level varchar, weight double)[]) as context
from banded
order by left_mention_key, right_mention_key
