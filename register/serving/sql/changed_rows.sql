-- Rows of which the lake and the published file hold different numbers of copies.
create or replace temp table changed_rows as
select * exclude (is_held)
from (
    select *, true as is_held from {held}
    union all
    select *, false as is_held from {published}
)
group by all
having count(*) filter (where is_held) <> count(*) filter (where not is_held)
