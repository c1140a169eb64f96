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
    from ranked
    where not is_chosen
    group by child_id_register, attribute_code
),

-- Source persons disagree on an attribute if two of its values are each the best of
-- some of them.
counts as (
    select
        child_id_register,
        attribute_code,
        count(*) as value_count,
        count(case when mention_count > 0 then 1 end) > 1 as is_disputed,
    from ranked
    group by child_id_register, attribute_code
),

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
        cast(counts.value_count as integer) as value_count,
        counts.is_disputed,
        {{ joined_text('others.attribute_values') }} as other_values,
    from ranked as chosen
    inner join counts
        on
            chosen.child_id_register = counts.child_id_register
            and chosen.attribute_code = counts.attribute_code
    left join others
        on
            chosen.child_id_register = others.child_id_register
            and chosen.attribute_code = others.attribute_code
    where chosen.is_chosen
)

select * from final
