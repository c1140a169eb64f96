{#
    How every rule of the 903 return says what it found: one row per delivered row that fails,
    with the line to walk back to and the column to put right. A rule flags, it never drops.
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
