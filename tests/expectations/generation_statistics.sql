-- The public files of a release, as relations: two places, two files, and the screener's rules.
create table released_figures as
with places as (
    select * from (values
        ('National', 'E92000001', 10), ('Local authority', '213', 5)
    ) as places (geographic_level, area_code, rounding_unit)
),

statuses as (
    select * from (values
        ('Total', '100', '100.0'), ('Both sources', '50', '50.0'),
        ('Police only', '30', '30.0'), ('Authority only', '20', '20.0')
    ) as statuses (source_status, episode_count, episode_percent)
),

agreement as (
    select
        'agreement_by_area' as file,
        places.*,
        'care_status=Total;agreement_scope=All episodes;source_status='
        || statuses.source_status as filter_values,
        statuses.episode_count,
        statuses.episode_percent,
    from places
    cross join statuses
)

select
    file, 2026 as reporting_year, geographic_level, area_code, filter_values,
    'episode_count' as indicator, 'count' as kind, episode_count as figure, rounding_unit
from agreement
union all
select
    file, 2026, geographic_level, area_code, filter_values,
    'episode_percent', 'made', episode_percent, rounding_unit
from agreement
union all
-- A hidden count, and what is made of it.
select
    'agreement_by_area', 2026, 'Local authority', '213',
    'care_status=Looked after;agreement_scope=All episodes;source_status=Both sources',
    made.indicator, made.kind, 'c', 5
from (values ('episode_count', 'count'), ('episode_percent', 'made')) as made (indicator, kind)
union all
select
    'missing_children_by_area', 2026, geographic_level, area_code,
    'care_status=Total;absence_category=Total', 'episode_count', 'count', '100', rounding_unit
from places;

create table released_screener_rules as
select
    file, cast(rule_number as bigint) as rule_number,
    cast(0 as bigint) as failure_count, cast(0 as bigint) as warning_count
from (values ('agreement_by_area'), ('missing_children_by_area')) as files (file)
cross join range(1, 15) as rules (rule_number);
