{{ config(materialized='ephemeral') }}

with

states as (
    {% for model, fields in measured_fields() | groupby(0) -%}
        {% set names = [] -%}
        {% set field_states = [] -%}
        {% for _, field_name, kind, column_name, source_column in fields -%}
            {% do names.append("'" ~ field_name ~ "'") -%}
            {% do field_states.append(field_state(kind, column_name, source_column)) -%}
        {%- endfor %}
        select
            '{{ model.split("__")[0] | replace("stg_", "") }}' as feed,
            '{{ model.split("__")[1] }}' as table_name,
            supplier_code,
            {{ zipped_rows({'field_name': names, 'state': field_states}) }},
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        supplier_code,
        feed,
        table_name,
        field_name,
        count(*) as row_count,
        {% for state in ['valid', 'other', 'default', 'invalid', 'missing'] %}
            sum(case when state = '{{ state }}' then 1 else 0 end) as {{ state }}_count,
        {% endfor %}
    from states
    group by supplier_code, feed, table_name, field_name
)

select * from final
