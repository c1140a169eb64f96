-- An event's identifier is built from the identifier of the previous generation, not of
-- its own. A repeated build is a new generation, but the previous one stays the same.
-- So the event keeps its identifier.
with

generations as (
    select * from {{ ref('int_key_generations') }}
),

changes as (
    select * from {{ ref('int_key_changes') }}
),

spans as (
    select * from {{ ref('int_key_spans') }}
),

decisions as (
    select * from {{ ref('int_key_decisions') }}
    where left_child_id_register is not null and right_child_id_register is not null
),

-- The first generation whose build began after the decision, or else the one being
-- built.
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

-- The children of the two mentions in the generation before and the generation after
-- the decision. If a mention was not delivered in a generation, its current child is
-- used.
{% set times = {
    'before': 'decided.generation_number - 1',
    'after': 'decided.generation_number',
} %}
held as (
    select
        decided.*,
        {% for time in times %}
            {% for side in ['left', 'right'] %}
                coalesce(
                    {{ side }}_{{ time }}.child_id_register,
                    decided.{{ side }}_child_id_register
                ) as {{ side }}_{{ time }}_id_register,
            {% endfor %}
        {% endfor %}
    from decided
    {% for time, number in times.items() %}
        {% for side in ['left', 'right'] %}
            left join spans as {{ side }}_{{ time }}
                on
                    decided.{{ side }}_mention_id_register
                    = {{ side }}_{{ time }}.mention_id_register
                    and {{ number }}
                    between {{ side }}_{{ time }}.first_generation_number
                    and {{ side }}_{{ time }}.last_generation_number
        {% endfor %}
    {% endfor %}
),

-- If the two mentions belonged to different children before the decision, the event
-- names these two. Otherwise it names the children after the decision.
named as (
    select
        *,
        left_before_id_register != right_before_id_register as was_two,
    from held
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
            'named._row_number', 'named.decided_at',
            'named.left_mention_id_register', 'named.right_mention_id_register'
        ]) }} as identity_event_id,
        'decided' as event_code,
        named.decided_at as occurred_at,
        generations.generation_id,
        {% for side, name in {'left': 'child', 'right': 'other_child'}.items() %}
            case
                when named.was_two then named.{{ side }}_before_id_register
                else named.{{ side }}_after_id_register
            end as {{ name }}_id_register,
        {% endfor %}
        2 as mention_count,
        named.reason_code,
        named.decision,
        named.is_in_force,
    from named
    inner join generations
        on named.generation_number = generations.generation_number
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
