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
