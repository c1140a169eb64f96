-- The rows that the release counts: each episode under each linkage. Some links exist
-- only under a looser linkage.
create table base as
select
    *,
    'central' as linkage,
from episodes
union all
select
    * replace (
        case
            when is_weak and source_status = 'both' then 'police_only'
            else source_status
        end as source_status
    ),
    'strict',
from episodes
union all
select
    * replace (
        case
            when is_weak and source_status = 'police_only' then 'both'
            else source_status
        end as source_status
    ),
    'loose',
from episodes;

-- Pairs each area with the authorities whose episodes count for it.
create table places as
select
    'Local authority' as geographic_level,
    authority as area_code,
    region as parent_code,
    force as police_force_code,
    authority,
from authorities
union all
select
    'Regional',
    region,
    case when region like 'E13%' then 'E12000007' else 'E92000001' end,
    null,
    authority,
from authorities
union all
select
    'Regional',
    'E12000007',
    'E92000001',
    null,
    authority,
from authorities
where region like 'E13%'
union all
select
    'National',
    'E92000001',
    null,
    null,
    authority,
from authorities;

create table areas as
select distinct
    geographic_level,
    area_code,
    parent_code,
    police_force_code,
from places
union all
select distinct
    'Police force area',
    force,
    'E92000001',
    force,
from authorities;

-- About four children are looked after for each one who was missing.
create table looked_after as
select
    places.geographic_level,
    places.area_code,
    20 + 4 * count(distinct base.child) as looked_after_children,
from places
left join base
    on
        places.authority = base.authority
        and base.linkage = 'central'
        and base.care_status = 'looked_after'
group by all;
