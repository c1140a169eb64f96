select first.file, first.reporting_year, first.figure, second.figure as other_figure
from released_figures as first
inner join released_figures as second
    on first.reporting_year = second.reporting_year
        and first.geographic_level = second.geographic_level
        and first.area_code = second.area_code
where
    first.file = 'missing_children_by_area' and first.indicator = 'episode_count'
    and first.filter_values = 'care_status=Total;absence_category=Total'
    and second.file = 'agreement_by_area' and second.indicator = 'episode_count'
    and second.filter_values
        = 'care_status=Total;agreement_scope=All episodes;source_status=Total'
