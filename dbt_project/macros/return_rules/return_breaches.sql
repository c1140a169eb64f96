{#
    The breaches of one rule of the 903 return, with the columns that all rules share: one row per
    delivered row that fails, with its file, its line and the column to correct. A rule flags rows
    and never drops them.
#}
{% macro return_breaches(rule_code, table_name, column_name, relation) -%}
    select
        '{{ rule_code }}' as rule_code,
        supplier_code,
        period,
        '{{ table_name }}' as table_name,
        _delivery_id,
        _file,
        _row_number,
        '{{ column_name }}' as column_name
    from {{ relation }}
{%- endmacro %}
