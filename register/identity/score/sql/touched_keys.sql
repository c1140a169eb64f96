-- First the keys that a person gained or lost, then the keys of unchanged persons.
create temp table touched_keys as
select distinct rule_place, key from blocking_keys
union
select distinct {rule_place}, key
from (
    select unnest(blocking_keys) as key
    from cached_persons
    where person_key not in (select person_key from unchanged)
);
insert into blocking_keys
select {rule_place}, key, person_id, dataset
from (
    select person_id, dataset, unnest(blocking_keys) as key
    from unchanged
    inner join cached_persons using (person_key)
)
