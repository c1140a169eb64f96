create temp table left_out_before as
select {rule_place} as rule_place, left_out_key as key
from cache
where left_out_key is not null;
create temp table left_out as
select * from still_out
union
(select * from left_out_before except select * from touched_keys);
create temp table flipped as
(select * from left_out except select * from left_out_before)
union
(select * from left_out_before except select * from left_out);
create temp table changed as
select person_id from reshaped
union
select person_id from blocking_keys inner join flipped using (rule_place, key)
