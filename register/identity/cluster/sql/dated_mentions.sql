create or replace temp table dated as
with births as (
    select position, unnest(birth_dates) as birth_date
    from mentions
    where source = 'authority' or is_wanted
)
select position, source, issuer_code, names, birth_dates, postcodes
from mentions
where position in (
    select position from births
    where birth_date in (select birth_date from births semi join near using (position))
)
