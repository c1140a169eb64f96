with

generations as (
    select * from {{ ref('int_key_generations') }}
),

changes as (
    select
        generation_number,
        sum(case when from_child_id_register is null then 1 else 0 end)
            as arrived_count,
        sum(case when to_child_id_register is null then 1 else 0 end) as gone_count,
        sum(
            case when from_child_id_register != to_child_id_register then 1 else 0 end
        ) as changed_count,
    from {{ ref('int_mention_key_changes') }}
    group by generation_number
),

{% set codes = ['created', 'merged', 'split', 'moved', 'vanished'] %}
events as (
    select
        generation_number,
        {% for code in codes %}
            sum(case when event_code = '{{ code }}' then 1 else 0 end)
                as {{ code }}_count,
        {% endfor %}
    from {{ ref('int_key_changes') }}
    group by generation_number
),

accepted as (
    select distinct generation_id from {{ ref('stg_decisions__churn') }}
),

counted as (
    select
        generations.*,
        generations.mention_count - coalesce(changes.arrived_count, 0)
            as known_mention_count,
        coalesce(changes.changed_count, 0) as changed_mention_count,
        coalesce(changes.gone_count, 0) as vanished_mention_count,
        {% for code in codes %}
            coalesce(events.{{ code }}_count, 0) as {{ code }}_count,
        {% endfor %}
        accepted.generation_id is not null as is_accepted,
    from generations
    left join changes
        on generations.generation_number = changes.generation_number
    left join events
        on generations.generation_number = events.generation_number
    left join accepted
        on generations.previous_generation_id = accepted.generation_id
),

final as (
    select
        generation_id,
        occurred_at,
        is_this_generation,
        previous_generation_id,
        mention_count,
        cast(known_mention_count as bigint) as known_mention_count,
        cast(changed_mention_count as bigint) as changed_mention_count,
        cast(vanished_mention_count as bigint) as vanished_mention_count,
        {% for code in codes %}
            cast({{ code }}_count as bigint) as {{ code }}_count,
        {% endfor %}
        changed_mention_count / nullif(known_mention_count, 0) as churn_share,
        vanished_mention_count / nullif(previous_mention_count, 0) as vanished_share,
        is_accepted,
    from counted
)

select * from final
