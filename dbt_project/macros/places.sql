{# A postcode in the form in which the reference file keys it: upper case, no spaces. #}
{% macro compact_postcode(value) -%}
    upper(replace({{ value }}, ' ', ''))
{%- endmacro %}

{# Distance in miles, in a straight line, between two points of the National Grid in metres. #}
{% macro grid_miles(easting, northing, other_easting, other_northing) -%}
    sqrt(
        power({{ easting }} - {{ other_easting }}, 2)
        + power({{ northing }} - {{ other_northing }}, 2)
    ) / 1609.344
{%- endmacro %}

{#
    The codes of the seed of forces or authorities for every text that a source may write: the code
    or the name, of any version. Join on `lower(trim(<text>)) = <names>.label`.
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
    The code of a force or authority that a source wrote as text: null where blank, unknown where
    none has that name.
#}
{% macro named_code(names, text) -%}
    case when {{ text }} is not null then coalesce({{ names }}.code, 'unknown') end
{%- endmacro %}
