create temp table reshaped as
select people.person_id, placed.* exclude (person_id)
from placed
inner join people using (person_key);
create temp table unchanged as
select person_id, person_key, dataset
from people
inner join same_mentions using (person_key)
where person_key not in (select person_key from reshaped);
create temp view persons as
select * from reshaped
union all
select person_id, unnest(shape) from unchanged inner join cached_persons using (person_key)
