-- The successor of a retired key is the current child that now has the key's founding
-- mention. If that mention is no longer delivered, the successor is the current child
-- at the end of the key's chain of merges.
with recursive

generations as (
    select * from {{ ref('int_key_generations') }}
),

spans as (
    select * from {{ ref('int_key_spans') }}
),

merged_keys as (
    select * from {{ ref('int_key_changes') }}
    where event_code = 'merged'
),

child_keys as (
    select
        child_id_register,
        min(first_generation_number) as first_generation_number,
        max(last_generation_number) as last_generation_number,
    from spans
    group by child_id_register
),

placed as (
    select
        child_keys.*,
        generations.generation_number = child_keys.last_generation_number
            as is_current,
        spans.child_id_register as holder_id_register,
    from child_keys
    inner join generations on generations.is_this_generation
    left join spans
        on
            spans.mention_id_register
            = {{ founding_mention('child_keys.child_id_register') }}
            and generations.generation_number = spans.last_generation_number
),

steps as (
    select
        placed.child_id_register,
        coalesce(placed.holder_id_register, merged_keys.to_child_id_register)
            as next_child_id_register,
    from placed
    left join merged_keys
        on
            placed.child_id_register = merged_keys.from_child_id_register
            and placed.last_generation_number + 1 = merged_keys.generation_number
    where not placed.is_current
),

walked as (
    select * from steps
    union all
    select
        walked.child_id_register,
        steps.next_child_id_register,
    from walked
    inner join steps on walked.next_child_id_register = steps.child_id_register
),

successors as (
    select
        walked.child_id_register,
        walked.next_child_id_register,
    from walked
    inner join placed on walked.next_child_id_register = placed.child_id_register
    where placed.is_current
),

final as (
    select
        placed.child_id_register,
        case
            when placed.is_current then 'current'
            when successors.child_id_register is not null then 'merged'
            else 'vanished'
        end as status_code,
        successors.next_child_id_register as successor_child_id_register,
        first_generation.generation_id as first_generation_id,
        case
            when not placed.is_current then retiring_generation.generation_id
        end as retired_generation_id,
    from placed
    inner join generations as first_generation
        on placed.first_generation_number = first_generation.generation_number
    left join generations as retiring_generation
        on placed.last_generation_number + 1 = retiring_generation.generation_number
    left join successors on placed.child_id_register = successors.child_id_register
)

select * from final
