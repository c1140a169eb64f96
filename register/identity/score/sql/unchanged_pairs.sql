with still as (
    select person_key from unchanged where person_id not in (select person_id from changed)
)
select {columns} from cache
where left_mention_key in (select person_key from still)
    and right_mention_key in (select person_key from still)
