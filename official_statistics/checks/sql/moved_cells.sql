with
before as (
    select * from before.statistics.protected_cells
    where counted_on = 'base' and geographic_level = 'Local authority'
),
now as (
    select * from now.statistics.protected_cells
    where counted_on = 'base' and geographic_level = 'Local authority'
)
select
    dataset,
    measure,
    filter_values
from now
full join before
    using (dataset, reporting_year, area_code, filter_values, measure)
where area_code = $area and reporting_year = $year and now.value is distinct from before.value
order by dataset, filter_values, measure
