{# A postcode in the form in which the reference file keys it: upper case, no spaces. #}
{% macro compact_postcode(value) -%}
    upper(replace({{ value }}, ' ', ''))
{%- endmacro %}

{# Miles as the crow flies between two points of the National Grid, in metres. #}
{% macro grid_miles(easting, northing, other_easting, other_northing) -%}
    sqrt(
        power({{ easting }} - {{ other_easting }}, 2)
        + power({{ northing }} - {{ other_northing }}, 2)
    ) / 1609.344
{%- endmacro %}

{#
    The codes of a seed of bodies by what a source may write for them: the code or the name, of any
    version. Join on `lower(trim(<text>)) = <names>.label`.
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

{# The code of a body that a source wrote as text: null where blank, unknown where no body has it. #}
{% macro named_code(names, text) -%}
    case when {{ text }} is not null then coalesce({{ names }}.code, 'unknown') end
{%- endmacro %}
