-- A generation's identifier, which contains its time, is set before the build starts.
-- So this build and later builds give a generation the same time. In a look back, the
-- time is at most `as_known_at`.
with

logged as (
    select
        generation_id,
        count(*) as mention_count,
    from {{ ref('stg_key_log__mentions') }}
    group by generation_id
),

crosswalk as (
    select count(*) as mention_count from {{ ref('int_child_crosswalk') }}
),

gathered as (
    select
        generation_id,
        mention_count,
        0 as is_this_generation,
    from logged
    union all
    select
        {{ building_generation_id() }} as generation_id,
        mention_count,
        1 as is_this_generation,
    from crosswalk
),

final as (
    select
        row_number() over in_order as generation_number,
        generation_id,
        least(
            {{ generation_moment('generation_id') }},
            cast('{{ var("as_known_at") }}' as timestamp)
        ) as occurred_at,
        mention_count,
        is_this_generation = 1 as is_this_generation,
        lag(generation_id) over in_order as previous_generation_id,
        lag(mention_count) over in_order as previous_mention_count,
    from gathered
    window in_order as (order by is_this_generation, generation_id)
)

select * from final
