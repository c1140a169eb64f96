-- Changes of child keys by generation. A key is current while its founding mention
-- belongs to the child with this key. Mentions that move from one child to another are
-- a merge if the first child's key is retired and the second is its main successor.
-- They are a split if the second child's key is new and the first is its main origin.
-- Otherwise they are a move. A new key without a split is created. A retired key
-- without a merge has vanished.
with

flows as (
    select * from {{ ref('int_key_flows') }}
),

lives as (
    select
        child_id_register,
        first_generation_number,
        last_generation_number + 1 as retired_generation_number,
        row_number() over (
            partition by child_id_register
            order by first_generation_number, mention_id_register
        ) as life_number,
    from {{ ref('int_key_spans') }}
    where mention_id_register = {{ founding_mention('child_id_register') }}
),

ranked as (
    select
        flows.*,
        retired.child_id_register is not null as is_from_retired,
        born.child_id_register is not null as is_to_new,
        row_number() over (
            partition by flows.generation_number, flows.from_child_id_register
            order by
                flows.from_founder_count desc,
                flows.mention_count desc,
                flows.to_child_id_register asc
        ) as successor_rank,
        row_number() over (
            partition by flows.generation_number, flows.to_child_id_register
            order by
                flows.to_founder_count desc,
                flows.mention_count desc,
                flows.from_child_id_register asc
        ) as origin_rank,
    from flows
    left join lives as retired
        on
            flows.from_child_id_register = retired.child_id_register
            and flows.generation_number = retired.retired_generation_number
    left join lives as born
        on
            flows.to_child_id_register = born.child_id_register
            and flows.generation_number = born.first_generation_number
    where
        flows.from_child_id_register is not null
        and flows.to_child_id_register is not null
),

judged as (
    select
        generation_number,
        case
            when is_from_retired and successor_rank = 1 then 'merged'
            when is_to_new and origin_rank = 1 then 'split'
            else 'moved'
        end as event_code,
        from_child_id_register,
        to_child_id_register,
        mention_count,
        case when is_decided then 'decision' else 'linkage' end as reason,
    from ranked
),

final as (
    select * from judged
    union all
    select
        lives.first_generation_number as generation_number,
        'created' as event_code,
        cast(null as varchar) as from_child_id_register,
        lives.child_id_register as to_child_id_register,
        sum(flows.mention_count) as mention_count,
        case
            when count(flows.from_child_id_register) > 0 then 'founder_gone'
            when lives.life_number > 1 then 'returned'
            else 'delivered'
        end as reason,
    from lives
    inner join flows
        on
            lives.child_id_register = flows.to_child_id_register
            and lives.first_generation_number = flows.generation_number
    left join judged
        on
            lives.child_id_register = judged.to_child_id_register
            and lives.first_generation_number = judged.generation_number
            and judged.event_code = 'split'
    where judged.event_code is null
    group by
        lives.first_generation_number, lives.child_id_register, lives.life_number
    union all
    select
        lives.retired_generation_number as generation_number,
        'vanished' as event_code,
        lives.child_id_register as from_child_id_register,
        cast(null as varchar) as to_child_id_register,
        sum(flows.mention_count) as mention_count,
        'not_delivered' as reason,
    from lives
    inner join flows
        on
            lives.child_id_register = flows.from_child_id_register
            and lives.retired_generation_number = flows.generation_number
    left join judged
        on
            lives.child_id_register = judged.from_child_id_register
            and lives.retired_generation_number = judged.generation_number
            and judged.event_code = 'merged'
    where judged.event_code is null
    group by lives.retired_generation_number, lives.child_id_register
)

select * from final
