with

ranked as (
    select * from {{ ref('int_golden_record_values') }}
),

final as (
    select
        child_id_register
        || '-' || attribute_code
        || '-' || cast(value_rank as varchar) as golden_value_id,
        child_id_register,
        attribute_code,
        cast(value_rank as integer) as value_rank,
        value_rank = 1 as is_chosen,
        trim(replace(attribute_value, '|', ' ')) as attribute_value,
        rule_code,
        source,
        {{ register_key('M', 'mention_key') }} as mention_id_register,
        _delivery_id as delivery_id,
        _row_number as row_number,
        known_at,
        stated_on as stated_date,
        cast(mention_count as integer) as mention_count,
        cast(row_count as integer) as row_count,
    from ranked
)

select * from final
