{{ config(materialized='ephemeral') }}

{%- for model in staged_feed_tables() -%}
    {%- do ref(model) -%}
{%- endfor %}

with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

-- All coded columns of each row with at least one unmapped code.
coded as (
    {% for model, columns in coded_source_columns() | groupby(0) -%}
        {% set names = [] -%}
        {% set codes = [] -%}
        {% for _, column_name, stem, source_column in columns -%}
            {% do names.append("'" ~ column_name ~ "'") -%}
            {% do codes.append(stem ~ '_code') -%}
        {%- endfor %}
        select
            '{{ model.split("__")[1] }}' as table_name,
            _delivery_id,
            _file,
            _row_number,
            {{ zipped_rows({
                'column_name': names,
                'code': codes,
                'source_code': columns | map(attribute=3) | list,
            }) }},
        from {{ ref(model) }}
        where 'unmapped' in ({{ codes | join(', ') }})
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.feed,
        deliveries.period,
        coded.table_name,
        coded.column_name,
        coded._delivery_id,
        coded._file,
        coded._row_number,
    from coded
    inner join deliveries on coded._delivery_id = deliveries.delivery_id
    where coded.code = 'unmapped' and coded.source_code is not null
)

select * from final
