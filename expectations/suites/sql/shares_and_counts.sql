select
    part.file, part.reporting_year, part.geographic_level, part.figure,
    try_cast(counted.figure as double) as part_count,
    try_cast(whole.figure as double) as total_count
from released_figures as part
inner join released_figures as counted
    on part.file = counted.file and part.reporting_year = counted.reporting_year
        and part.geographic_level = counted.geographic_level
        and part.area_code = counted.area_code
        and part.filter_values = counted.filter_values
        and counted.indicator = 'episode_count'
inner join released_figures as whole
    on part.file = whole.file and part.reporting_year = whole.reporting_year
        and part.geographic_level = whole.geographic_level
        and part.area_code = whole.area_code and whole.indicator = 'episode_count'
        and whole.filter_values = regexp_replace(
            part.filter_values, 'source_status=[^;]*', 'source_status=Total'
        )
where
    part.file = 'agreement_by_area' and part.indicator = 'episode_percent'
    and regexp_full_match(part.figure, '[0-9.]+')
