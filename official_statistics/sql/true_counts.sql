select
    '{release}' as release,
    dataset as file,
    reporting_year as time_period,
    geographic_level,
    area_code,
    filter_values,
    measure,
    value
from statistics.protected_cells
where counted_on != 'coverage' and is_available
order by all
