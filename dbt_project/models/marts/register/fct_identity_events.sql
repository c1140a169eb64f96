-- An event is numbered by the generation before it, which is the same in a build that
-- is done again, and not by its own, which is not.
with

generations as (
    select * from {{ ref('int_key_generations') }}
),

changes as (
    select * from {{ ref('int_key_changes') }}
),

decisions as (
    select * from {{ ref('int_key_decisions') }}
    where left_child_id_register is not null and right_child_id_register is not null
),

-- The generation that was published first after the decision, or else this one.
decided as (
    select
        decisions.*,
        min(generations.generation_number) as generation_number,
    from decisions
    inner join generations
        on
            decisions.decided_at <= generations.occurred_at
            or generations.is_this_generation
    group by all
),

gathered as (
    select
        {{ surrogate_key([
            'changes.event_code', 'generations.previous_generation_id',
            'changes.from_child_id_register', 'changes.to_child_id_register'
        ]) }} as identity_event_id,
        changes.event_code,
        generations.occurred_at,
        generations.generation_id,
        case
            when changes.event_code in ('merged', 'vanished')
                then changes.from_child_id_register
            else changes.to_child_id_register
        end as child_id_register,
        case
            when changes.event_code = 'merged' then changes.to_child_id_register
            when changes.event_code in ('split', 'moved')
                then changes.from_child_id_register
        end as other_child_id_register,
        cast(changes.mention_count as integer) as mention_count,
        changes.reason as reason_code,
        cast(null as varchar) as decision,
        cast(null as boolean) as is_in_force,
    from changes
    inner join generations
        on changes.generation_number = generations.generation_number
    union all
    select
        {{ surrogate_key([
            'decided._row_number', 'decided.decided_at',
            'decided.left_mention_id_register', 'decided.right_mention_id_register'
        ]) }} as identity_event_id,
        'decided' as event_code,
        decided.decided_at as occurred_at,
        generations.generation_id,
        decided.left_child_id_register as child_id_register,
        decided.right_child_id_register as other_child_id_register,
        2 as mention_count,
        decided.reason_code,
        decided.decision,
        decided.is_in_force,
    from decided
    inner join generations
        on decided.generation_number = generations.generation_number
),

final as (
    select
        substring(identity_event_id, 1, 24) as identity_event_id,
        event_code,
        occurred_at,
        generation_id,
        child_id_register,
        other_child_id_register,
        mention_count,
        reason_code,
        decision,
        is_in_force,
        reason_code as reason,
        cast(null as varchar) as decided_by,
    from gathered
)

select * from final
