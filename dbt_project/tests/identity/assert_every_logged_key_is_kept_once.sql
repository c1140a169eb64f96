-- Fails if a child key of any generation or of this build is not exactly once in the
-- table of keys. A report that names the key could then no longer be traced.
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
