select
    years.collection_year,
    years.area_code,
    years.both_when_expected_share_lower <= years.upper_before
    and years.both_when_expected_share_upper >= years.lower_before as is_like_before
from (
    select
        collection_year,
        area_code,
        both_when_expected_share_lower,
        both_when_expected_share_upper,
        lag(both_when_expected_share_lower) over area_years as lower_before,
        lag(both_when_expected_share_upper) over area_years as upper_before
    from agreement.agg_agreement_by_area_year
    where
        area_level_code = 'authority'
        and population_code = 'every_child'
        and both_expected_count >= 20
    window area_years as (partition by area_code order by collection_year)
) as years
where years.lower_before is not null
