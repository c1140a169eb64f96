{{ config(materialized='ephemeral') }}

-- How many mentions moved from one child to another in each generation. `is_decided` is
-- true if a person had linked or separated two mentions, and the move brought the two
-- together or parted them.
with

changes as (
    select * from {{ ref('int_mention_key_changes') }}
),

spans as (
    select * from {{ ref('int_key_spans') }}
),

generations as (
    select * from {{ ref('int_key_generations') }}
),

sides as (
    select
        decision,
        decided_at,
        left_mention_id_register as mention_id_register,
        right_mention_id_register as other_mention_id_register,
    from {{ ref('int_key_decisions') }}
    union all
    select
        decision,
        decided_at,
        right_mention_id_register as mention_id_register,
        left_mention_id_register as other_mention_id_register,
    from {{ ref('int_key_decisions') }}
),

decided as (
    select distinct
        changes.generation_number,
        changes.from_child_id_register,
        changes.to_child_id_register,
    from changes
    inner join generations
        on changes.generation_number = generations.generation_number
    inner join sides
        on
            changes.mention_id_register = sides.mention_id_register
            and generations.occurred_at >= sides.decided_at
    inner join spans as earlier
        on
            sides.other_mention_id_register = earlier.mention_id_register
            and changes.generation_number - 1
            between earlier.first_generation_number and earlier.last_generation_number
    inner join spans as later
        on
            sides.other_mention_id_register = later.mention_id_register
            and changes.generation_number
            between later.first_generation_number
            and later.last_generation_number
    where
        (
            sides.decision in ('link', 'void')
            and earlier.child_id_register != changes.from_child_id_register
            and later.child_id_register = changes.to_child_id_register
        )
        or (
            sides.decision != 'link'
            and earlier.child_id_register = changes.from_child_id_register
            and later.child_id_register != changes.to_child_id_register
        )
),

counted as (
    select
        generation_number,
        from_child_id_register,
        to_child_id_register,
        count(*) as mention_count,
        max(
            case
                when
                    mention_id_register
                    = {{ founding_mention('from_child_id_register') }}
                    then 1
                else 0
            end
        ) as from_founder_count,
        max(
            case
                when
                    mention_id_register = {{ founding_mention('to_child_id_register') }}
                    then 1
                else 0
            end
        ) as to_founder_count,
    from changes
    group by generation_number, from_child_id_register, to_child_id_register
),

final as (
    select
        counted.*,
        decided.generation_number is not null as is_decided,
    from counted
    left join decided
        on
            counted.generation_number = decided.generation_number
            and counted.from_child_id_register = decided.from_child_id_register
            and counted.to_child_id_register = decided.to_child_id_register
)

select * from final
