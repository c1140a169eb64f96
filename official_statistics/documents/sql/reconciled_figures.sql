select
    figures.area_level_code, areas.area_name, figures.area_code, figures.collection_year,
    figures.measure_code, figures.published_figure
from agreement.agg_reconciliation_by_area_year as figures
inner join bi.areas as areas
    on figures.area_level_code = areas.area_level_code
        and figures.area_code = areas.area_code
where figures.area_level_code in ('nation', 'region')
    and figures.statistic_code = 'count'
    and figures.published_figure is not null
order by
    figures.collection_year desc, figures.area_level_code, figures.area_code,
    figures.measure_code
