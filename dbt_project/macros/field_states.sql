{#
    How a delivered field is filled: 'missing' (blank), 'default' (filled with something that
    carries no information), 'invalid' (a code that no map has), 'other' or 'valid'. One function
    for each kind of field: `code_state`, `name_state`, `birth_date_state`, and `text_state` for
    anything else, which is valid if filled.
#}
{% macro field_state_functions() -%}
    {% call database_function('code_state', ['code', 'source_code']) %}
        case
            when source_code is null then 'missing'
            when code = 'unmapped' then 'invalid'
            when code = 'unknown' then 'default'
            when code = 'other' then 'other'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('is_placeholder_name', ['name']) %}
        lower(trim(name)) in (
            'unknown', 'not known', 'not recorded', 'unk', 'baby', 'babyboy', 'babygirl',
            'baby boy', 'baby girl', 'unborn', 'n/a', 'na', 'none', 'x', 'xx', 'xxx', 'tbc',
            'test', '-', '.'
        )
    {% endcall %}
    {% call database_function('name_state', ['name']) %}
        case
            when trim(coalesce(name, '')) = '' then 'missing'
            when is_placeholder_name(name) then 'default'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('birth_date_state', ['birth_date']) %}
        case
            when birth_date is null then 'missing'
            when extract(month from birth_date) = 1 and extract(day from birth_date) = 1
                then 'default'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('text_state', ['delivered']) %}
        case when delivered is null then 'missing' else 'valid' end
    {% endcall %}
{%- endmacro %}

{# The state of a field of a kind: code, name, birth_date or text. #}
{% macro field_state(kind, column_name, source_column) -%}
    {%- if kind == 'code' -%}
        code_state({{ column_name }}, {{ source_column }})
    {%- else -%}
        {{ kind }}_state({{ column_name }})
    {%- endif -%}
{%- endmacro %}
