{#
    A date as the rules read it. The sector's validator holds dates from 1677 to 2262 and takes
    anything else (a year typed as 0205) for text that is not a date; so do the rules.
#}
{% macro readable_date(column) -%}
    case
        when
            {{ column }} between cast('1677-09-22' as date) and cast('2262-04-11' as date)
            then {{ column }}
    end
{%- endmacro %}
