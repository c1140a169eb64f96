{# A flag as a code of `fct_publication_episodes`: 'yes' or 'no'. A null becomes 'no'. #}
{% macro yes_or_no(flag) -%}
    case when {{ flag }} then 'yes' else 'no' end
{%- endmacro %}

{#
    The band of an episode's duration, if both bounds of the duration are in one band. Otherwise it
    is a wider band (8 to 24, up to 24, over 48 or over 24 hours), or 'unknown' if the bounds
    disagree on whether the episode lasted over 24 hours. So the bands over 24 hours add up to the episodes certainly over 24 hours and, together
    with 'unknown', to those possibly over 24 hours.
#}
{% macro hours_band(episodes) -%}
    {%- set shortest = episodes ~ '.duration_hours_lower' -%}
    {%- set longest = episodes ~ '.duration_hours_upper' -%}
    case
    when {{ episodes }}.is_over_24_hours_lower then case
        when {{ longest }} < 48 then '24_to_48_hours'
        when {{ shortest }} >= 48 and {{ longest }} < 168 then '2_to_7_days'
        when {{ shortest }} >= 168 and {{ longest }} < 672 then '7_to_28_days'
        when {{ shortest }} >= 672 then 'over_28_days'
        when {{ shortest }} >= 48 then 'over_48_hours'
        else 'over_24_hours' end
    when {{ episodes }}.is_over_24_hours_upper then 'unknown'
    when {{ longest }} < 8 then 'under_8_hours'
    when {{ shortest }} >= 8 and {{ longest }} < 16 then '8_to_16_hours'
    when {{ shortest }} >= 16 then '16_to_24_hours'
    when {{ shortest }} >= 8 then '8_to_24_hours'
    else 'up_to_24_hours' end
{%- endmacro %}

{#
    A source's category in two classes: missing, or else away (by the authority) or no apparent risk
    (by the police, including absent). Null if the source gave none. Needs the join
    `<source>_categories` (dim_categories).
#}
{% macro compared_category(source) -%}
    case {{ source }}_categories.comparison_code
        when 'missing' then 'missing'
        when 'whereabouts_known'
            then {{ "'away'" if source == 'authority' else "'no_apparent_risk'" }}
    end as category_{{ source }}
{%- endmacro %}

{# The area level in a public file. Inner and Outer London are regions there. #}
{% macro geographic_level(level_code) -%}
    case {{ level_code }}
        when 'nation' then 'National'
        when 'region' then 'Regional'
        when 'sub_region' then 'Regional'
        when 'authority' then 'Local authority'
    end
{%- endmacro %}

{# The year in which a collection year ends: `2025-26` is 2026. #}
{% macro reporting_year(collection_year) -%}
    cast(substr({{ collection_year }}, 1, 4) as integer) + 1
{%- endmacro %}

{# The reporting year of a day: the year that ends on the next 31 March. #}
{% macro year_ending(day) -%}
    cast(year({{ day }} - interval 3 month) as integer) + 1
{%- endmacro %}
