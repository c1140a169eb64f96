with named as (
    select mention_key, sex_code, unnest(names) as name from mentions
), forenames as (
    select distinct mention_key, sex_code, forename
    from named
    inner join forms using (name)
)
select forename, count(*), count(*) filter (sex_code = 'female'),
    count(*) filter (sex_code = 'male')
from forenames
group by forename
having count(*) >= $least
