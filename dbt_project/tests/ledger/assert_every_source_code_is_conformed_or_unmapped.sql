-- Fails if a delivered code becomes null in staging, or if an unmapped code is not
-- reported.
{%- for model in staged_feed_tables() -%}
    {%- do ref(model) -%}
{%- endfor %}

with

staged as (
    {% for model, column_name, stem, source_column in coded_source_columns() %}
        select
            '{{ model.split("__")[1] }}' as table_name,
            '{{ column_name }}' as column_name,
            sum(case when {{ stem }}_code is null then 1 else 0 end) as lost_count,
            sum(case when {{ stem }}_code = 'unmapped' then 1 else 0 end)
                as unmapped_count,
        from {{ ref(model) }}
        where {{ source_column }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

unmapped as (
    select
        table_name,
        column_name,
        count(*) as reported_count,
    from {{ ref('int_unmapped_codes') }}
    group by table_name, column_name
)

select
    staged.table_name,
    staged.column_name,
    staged.lost_count,
    staged.unmapped_count,
    unmapped.reported_count,
from staged
left join unmapped
    on
        staged.table_name = unmapped.table_name
        and staged.column_name = unmapped.column_name
where
    staged.lost_count > 0
    or coalesce(staged.unmapped_count, 0) != coalesce(unmapped.reported_count, 0)
