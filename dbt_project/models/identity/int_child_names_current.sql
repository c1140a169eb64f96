-- For the case lists alone: the name that safeguarding staff would know a child by.
with

names as (
    select * from {{ ref('int_golden_values_ranked') }}
    where attribute_code = 'name' and value_rank = 1
),

final as (
    select
        child_id_register,
        nullif(split_part(attribute_value, '|', 1), '') as forenames,
        nullif(split_part(attribute_value, '|', 2), '') as surname,
    from names
)

select * from final
