-- Every new child key must have exactly one event: created or split. Every retired key
-- must have exactly one: merged or vanished. Fails otherwise.
with

spans as (
    select * from {{ ref('int_key_spans') }}
    where mention_id_register = {{ founding_mention('child_id_register') }}
),

changes as (
    select * from {{ ref('int_key_changes') }}
),

last_generation as (
    select max(generation_number) as generation_number
    from {{ ref('int_key_generations') }}
),

expected as (
    select
        'begun' as side,
        child_id_register,
        first_generation_number as generation_number,
    from spans
    union all
    select
        'ended' as side,
        spans.child_id_register,
        spans.last_generation_number + 1 as generation_number,
    from spans
    inner join last_generation
        on spans.last_generation_number < last_generation.generation_number
),

found as (
    select
        'begun' as side,
        to_child_id_register as child_id_register,
        generation_number,
    from changes
    where event_code in ('created', 'split')
    union all
    select
        'ended' as side,
        from_child_id_register as child_id_register,
        generation_number,
    from changes
    where event_code in ('merged', 'vanished')
),

counted as (
    select
        side,
        child_id_register,
        generation_number,
        1 as expected_count,
        0 as found_count,
    from expected
    union all
    select
        side,
        child_id_register,
        generation_number,
        0 as expected_count,
        1 as found_count,
    from found
),

final as (
    select
        side,
        child_id_register,
        generation_number,
    from counted
    group by side, child_id_register, generation_number
    having sum(expected_count) != 1 or sum(found_count) != 1
)

select * from final
