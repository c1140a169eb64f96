-- Fails unless every child key of any generation, including this build, is in the table
-- of keys exactly once. Otherwise a reader could not find the successor of a key that
-- was quoted from an earlier generation.
with

ever as (
    select child_id_register from {{ ref('stg_key_log__mentions') }}
    union distinct
    select child_id_register from {{ ref('int_child_crosswalk') }}
),

kept as (
    select
        child_id_register,
        count(*) as key_count,
    from {{ ref('dim_child_keys') }}
    group by child_id_register
),

final as (
    select coalesce(ever.child_id_register, kept.child_id_register) as child_id_register
    from ever
    full outer join kept on ever.child_id_register = kept.child_id_register
    where ever.child_id_register is null or coalesce(kept.key_count, 0) != 1
)

select * from final
