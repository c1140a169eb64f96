{# Each child's date of birth by the rules of survivorship: the import CTE `birth_dates`. #}
{% macro child_birth_dates(golden_values) -%}
    select
        child_id_register,
        cast(attribute_value as date) as birth_date,
        value_count as birth_date_count,
        {{ function('eighteenth_birthday') }}(cast(attribute_value as date))
            as eighteenth_birthday_date,
    from {{ golden_values }}
    where attribute_code = 'birth_date' and value_rank = 1
{%- endmacro %}

{# The name by which safeguarding staff would know each child: the import CTE `names`. #}
{% macro child_names(golden_values) -%}
    select
        child_id_register,
        nullif(split_part(attribute_value, '|', 1), '') as forenames,
        nullif(split_part(attribute_value, '|', 2), '') as surname,
    from {{ golden_values }}
    where attribute_code = 'name' and value_rank = 1
{%- endmacro %}
