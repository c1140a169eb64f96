-- The child of a mention before and after each generation that changed it. A new
-- mention has no child before. A mention that is no longer delivered has no child
-- after.
with

spans as (
    select * from {{ ref('int_key_spans') }}
),

last_generation as (
    select max(generation_number) as generation_number
    from {{ ref('int_key_generations') }}
),

neighbours as (
    select
        *,
        lag(child_id_register) over by_time as earlier_child_id_register,
        lag(last_generation_number) over by_time as earlier_generation_number,
        lead(first_generation_number) over by_time as later_generation_number,
    from spans
    window by_time as (
        partition by mention_id_register order by first_generation_number
    )
),

final as (
    select
        first_generation_number as generation_number,
        mention_id_register,
        case
            when earlier_generation_number = first_generation_number - 1
                then earlier_child_id_register
        end as from_child_id_register,
        child_id_register as to_child_id_register,
    from neighbours
    union all
    select
        neighbours.last_generation_number + 1 as generation_number,
        neighbours.mention_id_register,
        neighbours.child_id_register as from_child_id_register,
        cast(null as varchar) as to_child_id_register,
    from neighbours
    cross join last_generation
    where
        neighbours.last_generation_number < last_generation.generation_number
        and coalesce(neighbours.later_generation_number, 0)
        != neighbours.last_generation_number + 1
)

select * from final
