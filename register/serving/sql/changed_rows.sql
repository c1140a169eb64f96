-- Rows of which the lake and the published file hold different numbers of copies.
-- The published relation is read only once: a view may return a fraction with another
-- last digit next time.
create or replace temp table changed_rows as
select
    * exclude (is_existing),
    count(*) filter (where not is_existing) as published_copies
from (
    select *, true as is_existing from {existing}
    union all
    select *, false as is_existing from {published}
)
group by all
having count(*) filter (where is_existing) <> published_copies
