-- A child's date of birth by the rules of survivorship. An authority's file is also
-- what says that a person is an adult.
with

birth_dates as (
    select * from {{ ref('int_golden_values_ranked') }}
    where attribute_code = 'birth_date' and value_rank = 1
),

dated as (
    select
        child_id_register,
        cast(attribute_value as date) as birth_date,
        value_count as birth_date_count,
    from birth_dates
),

final as (
    select
        child_id_register,
        birth_date,
        birth_date_count,
        eighteenth_birthday(birth_date) as eighteenth_birthday_date,
    from dated
)

select * from final
