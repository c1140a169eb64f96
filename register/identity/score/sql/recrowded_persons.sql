with now as (
    select postcode from holders where holder_count > $crowded
), flipped as (
    (select * from now except select * from crowded_before)
    union
    (select * from crowded_before except select * from now)
), touched as (
    select distinct person_key
    from (select mention_key as person_key, unnest(postcodes) as postcode from mentions)
    inner join flipped using (postcode)
)
insert into shaped by name
select * exclude (postcodes_private, postcodes_crowded)
from (
    select unnest(shape)
    from cached_persons
    inner join touched using (person_key)
    inner join same_mentions using (person_key)
)
