-- Most mentions stay with one child in all generations. One pass finds the pairs of
-- mention and child that occur in consecutive generations only. The other pairs are
-- examined generation by generation.
with

generations as (
    select * from {{ ref('int_key_generations') }}
),

logged as (
    select * from {{ ref('stg_key_log__mentions') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

held as (
    select
        generations.generation_number,
        logged.mention_id_register,
        logged.child_id_register,
    from logged
    inner join generations on logged.generation_id = generations.generation_id
    union all
    select
        generations.generation_number,
        {{ register_key('M', 'crosswalk.mention_key') }} as mention_id_register,
        crosswalk.child_id_register,
    from crosswalk
    inner join generations on generations.is_this_generation
),

pairs as (
    select
        mention_id_register,
        child_id_register,
        min(generation_number) as first_generation_number,
        max(generation_number) as last_generation_number,
        max(generation_number) - min(generation_number) + 1 = count(*) as is_unbroken,
    from held
    group by mention_id_register, child_id_register
),

numbered as (
    select
        held.mention_id_register,
        held.child_id_register,
        held.generation_number,
        held.generation_number - row_number() over (
            partition by held.mention_id_register, held.child_id_register
            order by held.generation_number
        ) as run_number,
    from held
    inner join pairs
        on
            held.mention_id_register = pairs.mention_id_register
            and held.child_id_register = pairs.child_id_register
            and not pairs.is_unbroken
),

final as (
    select
        mention_id_register,
        child_id_register,
        first_generation_number,
        last_generation_number,
    from pairs
    where is_unbroken
    union all
    select
        mention_id_register,
        child_id_register,
        min(generation_number) as first_generation_number,
        max(generation_number) as last_generation_number,
    from numbered
    group by mention_id_register, child_id_register, run_number
)

select * from final
