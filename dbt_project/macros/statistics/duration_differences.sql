{#
    Differences of duration summed by area, year and population: mean and deviation of the middle of
    each difference and of its two bounds, quantiles, and how many are nought as far as dates can
    tell. `placed` has `difference_lower`, `difference_middle` and `difference_upper` in hours.
#}
{% macro duration_differences(placed, populations) -%}
    select
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.collection_year,
        {{ populations }}.population_code,
        count(*) as difference_count,
        count(
            case
                when {{ placed }}.difference_lower <= 0 and {{ placed }}.difference_upper >= 0
                    then 1
            end
        ) as meeting_count,
        {%- for part, name in {
            'middle': '', 'lower': '_lower', 'upper': '_upper',
        }.items() %}
        avg({{ placed }}.difference_{{ part }}) as difference{{ name }}_mean,
        stddev_samp({{ placed }}.difference_{{ part }}) as difference{{ name }}_deviation,
        {%- endfor %}
        {%- for label, share in {'p2_5': 0.025, 'median': 0.5, 'p97_5': 0.975}.items() %}
        percentile_cont({{ share }}) within group (
            order by {{ placed }}.difference_middle
        ) as difference_{{ label }},
        {%- endfor %}
    from {{ placed }}
    inner join {{ populations }}
        on
            {{ placed }}.care_status_code = {{ populations }}.care_status_code
            and {{ placed }}.is_out_of_area = {{ populations }}.is_out_of_area
    group by
        {{ placed }}.area_level_code,
        {{ placed }}.area_code,
        {{ placed }}.collection_year,
        {{ populations }}.population_code
{%- endmacro %}
