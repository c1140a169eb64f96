-- Fails if, in any generation, a child does not include the mention from which the
-- child's key was made: the key would then belong to another child.
with

held as (
    select
        generation_id,
        child_id_register,
        max(
            case
                when mention_id_register = {{ founding_mention('child_id_register') }}
                    then 1
                else 0
            end
        ) as founder_count,
    from {{ ref('stg_key_log__mentions') }}
    group by generation_id, child_id_register
    union all
    select
        'this_generation' as generation_id,
        child_id_register,
        max(case when is_founder then 1 else 0 end) as founder_count,
    from {{ ref('int_child_crosswalk') }}
    group by child_id_register
),

final as (
    select
        generation_id,
        child_id_register,
    from held
    where founder_count = 0
)

select * from final
