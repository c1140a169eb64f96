{#
    Conform source codes: a staging model joins one code map for each coded field and selects the
    conformed code. A code that no map has becomes 'unmapped'; its row is never dropped.

    The model needs an import CTE `code_map` over its `map__` seed. `stem` names the conformed
    column (`<stem>_code`) and the joined map (`<stem>_map`), `field_name` is the vocabulary in the
    seed, and `value` is the delivered code.
#}
{% macro join_police_code(stem, field_name, value) -%}
    left join code_map as {{ stem }}_map
        on
            {{ stem }}_map.field_name = '{{ field_name }}'
            and {{ stem }}_map.layout_name = deliveries.layout_name
            and {{ stem }}_map.source_code = {{ value }}
{%- endmacro %}

{# Codes of authorities are those of the feed. A code of the layout replaces the feed's code. #}
{% macro join_authority_code(stem, field_name, value) -%}
    left join code_map as {{ stem }}_own_map
        on
            {{ stem }}_own_map.field_name = '{{ field_name }}'
            and {{ stem }}_own_map.used_by = deliveries.layout_name
            and {{ stem }}_own_map.source_code = {{ value }}
    left join code_map as {{ stem }}_map
        on
            {{ stem }}_map.field_name = '{{ field_name }}'
            and {{ stem }}_map.used_by
            = coalesce({{ stem }}_own_map.used_by, deliveries.feed)
            and {{ stem }}_map.source_code = {{ value }}
{%- endmacro %}

{# The conformed code. A blank becomes the code `missing`, or null if `missing` is `none`. #}
{% macro conformed_code(stem, value, missing='unknown') -%}
    {%- set blank_code = "'" ~ missing ~ "'" if missing else 'null' -%}
    {{ function('conformed_code') }}({{ value }}, {{ stem }}_map.conformed_code, {{ blank_code }})
{%- endmacro %}

{% macro code_columns(stem, value, missing='unknown') -%}
    {{ conformed_code(stem, value, missing) }} as {{ stem }}_code,
    {{ value }} as {{ stem }}_source_code
{%- endmacro %}

{#
    Ethnicity in three columns: the 16+1 code, its group, and the source's own code. If an officer
    judged only the group ('group_only_white'), the 16+1 code is 'group_only'. Needs the import CTE
    `ethnicities` over `ref__ethnicities`.
#}
{% macro join_ethnicities() -%}
    left join ethnicities
        on ethnicity_map.conformed_code = ethnicities.ethnicity_code
{%- endmacro %}

{% macro ethnicity_columns(value) -%}
    {%- set conformed = conformed_code('ethnicity', value) -%}
    case
        when {{ conformed }} like 'group_only_%' then 'group_only' else {{ conformed }}
    end as ethnicity_code,
    case
        when {{ conformed }} like 'group_only_%'
            then replace({{ conformed }}, 'group_only_', '')
        when {{ conformed }} in ('unknown', 'unmapped') then {{ conformed }}
        else coalesce(ethnicities.ethnicity_group_code, 'unknown')
    end as ethnicity_group_code,
    {{ value }} as ethnicity_source_code
{%- endmacro %}
