{# A postcode as the reference file writes it: upper case, without spaces. #}
{% macro compact_postcode(value) -%}
    upper(replace({{ value }}, ' ', ''))
{%- endmacro %}

{# The straight-line distance in miles between two points of the National Grid, given in metres. #}
{% macro grid_miles(easting, northing, other_easting, other_northing) -%}
    sqrt(
        power({{ easting }} - {{ other_easting }}, 2)
        + power({{ northing }} - {{ other_northing }}, 2)
    ) / 1609.344
{%- endmacro %}

{#
    The code of a force or authority for every text by which a source may name it: its code or its
    name, in any version. Join on `lower(trim(<text>)) = <names>.label`.
#}
{% macro names_of(bodies, code, name) -%}
    select
        lower(trim(labels.label)) as label,
        min(labels.code) as code,
    from (
        {%- for label in [code, name] %}
        select
            {{ code }} as code,
            {{ label }} as label,
        from {{ bodies }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as labels
    group by lower(trim(labels.label))
{%- endmacro %}

{#
    The code of a force or authority that a source named in text. Null if the text is blank,
    'unknown' if no force or authority has that name.
#}
{% macro named_code(names, text) -%}
    case when {{ text }} is not null then coalesce({{ names }}.code, 'unknown') end
{%- endmacro %}
