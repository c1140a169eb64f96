create temp table people as
select cast(row_number() over (order by mention_key) - 1 as integer) as person_id,
    mention_key as person_key, source as dataset
from mentions;
-- A view is enough: shapes and keys of a nation are wide, and most are never read.
create temp view cached_persons as
select person_key, mention_hash, shape, blocking_keys from cache where person_key is not null;
create temp table same_mentions as
select person_key from hashes inner join cached_persons using (person_key, mention_hash);
create temp view crowded_before as
select distinct unnest(shape.postcodes_crowded) as postcode from cached_persons
