{{ config(materialized='view') }}
with

ranked as (
    select * from {{ ref('golden_record_values') }}
),

others as (
    select
        child_id_register,
        attribute_code,
        {{ collected_values('attribute_value') }} as attribute_values,
        count(*) as value_count,
        max(mention_count) as mention_count,
    from ranked
    where not is_chosen
    group by child_id_register, attribute_code
),

-- The selected value is the best one of some source person. So source persons disagree
-- if another value is the best one of another source person.
final as (
    select
        chosen.child_id_register || '-' || chosen.attribute_code
            as golden_attribute_id,
        chosen.child_id_register,
        chosen.attribute_code,
        chosen.attribute_value,
        chosen.rule_code,
        chosen.source,
        chosen.mention_id_register,
        chosen.delivery_id,
        chosen.row_number,
        chosen.known_at,
        chosen.stated_date,
        cast(1 + coalesce(others.value_count, 0) as integer) as value_count,
        coalesce(others.mention_count > 0, false) as is_disputed,
        {{ joined_text('others.attribute_values') }} as other_values,
    from ranked as chosen
    left join others
        on
            chosen.child_id_register = others.child_id_register
            and chosen.attribute_code = others.attribute_code
    where chosen.is_chosen
)

select * from final
