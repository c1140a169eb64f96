select
    file, reporting_year, geographic_level, area_code, rounding_unit,
    regexp_replace(filter_values, 'source_status=[^;]*', '') as others,
    sum(try_cast(figure as bigint)) filter (where filter_values like '%source_status=Total%')
        as total_count,
    sum(try_cast(figure as bigint))
        filter (where filter_values not like '%source_status=Total%') as part_sum,
    count(*) as row_count
from released_figures
where
    file = 'agreement_by_area' and indicator = 'episode_count'
    and regexp_full_match(figure, '[0-9]+')
group by all
