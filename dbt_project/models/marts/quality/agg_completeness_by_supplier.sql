with

fields as (
    select * from {{ ref('int_field_counts') }}
),

final as (
    select
        supplier_code,
        feed,
        table_name,
        field_name,
        row_count,
        {% for state in ['valid', 'other', 'default', 'invalid', 'missing'] %}
            cast({{ state }}_count as bigint) as {{ state }}_count,
        {% endfor %}
        cast(valid_count as double) / row_count as valid_share,
    from fields
)

select * from final
