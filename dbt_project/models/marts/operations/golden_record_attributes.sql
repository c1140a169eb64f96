with

chosen as (
    select * from {{ ref('int_golden_record_values') }}
    where value_rank = 1
),

others as (
    select
        child_id_register,
        attribute_code,
        {{ collected_values("trim(replace(attribute_value, '|', ' '))") }}
            as attribute_values,
    from {{ ref('int_golden_record_values') }}
    where value_rank > 1
    group by child_id_register, attribute_code
),

final as (
    select
        chosen.child_id_register || '-' || chosen.attribute_code
            as golden_attribute_id,
        chosen.child_id_register,
        chosen.attribute_code,
        trim(replace(chosen.attribute_value, '|', ' ')) as attribute_value,
        chosen.rule_code,
        chosen.source,
        {{ register_key('M', 'chosen.mention_key') }} as mention_id_register,
        chosen._delivery_id as delivery_id,
        chosen._row_number as row_number,
        chosen.known_at,
        chosen.stated_on as stated_date,
        cast(chosen.value_count as integer) as value_count,
        chosen.is_disputed,
        {{ joined_text('others.attribute_values') }} as other_values,
    from chosen
    left join others
        on
            chosen.child_id_register = others.child_id_register
            and chosen.attribute_code = others.attribute_code
)

select * from final
