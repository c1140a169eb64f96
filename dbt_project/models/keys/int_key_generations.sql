-- The current build has no id before it is published. Its time is the latest in its
-- data, so that the same landing, decisions and log give the same register.
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

moments as (
    select max(received_at) as known_at from {{ ref('stg_ledger__deliveries') }}
    union all
    select max(decided_at) as known_at from {{ ref('stg_decisions__links') }}
    union all
    select max({{ generation_moment('generation_id') }}) as known_at from logged
),

last_moment as (
    select max(known_at) as known_at from moments
),

gathered as (
    select
        generation_id,
        {{ generation_moment('generation_id') }} as occurred_at,
        mention_count,
        0 as is_this_generation,
    from logged
    union all
    select
        'this_generation' as generation_id,
        coalesce(last_moment.known_at, cast('1970-01-01' as timestamp))
            as occurred_at,
        crosswalk.mention_count,
        1 as is_this_generation,
    from crosswalk
    cross join last_moment
),

final as (
    select
        row_number() over in_order as generation_number,
        generation_id,
        occurred_at,
        mention_count,
        is_this_generation = 1 as is_this_generation,
        lag(generation_id) over in_order as previous_generation_id,
        lag(mention_count) over in_order as previous_mention_count,
    from gathered
    window in_order as (order by is_this_generation, generation_id)
)

select * from final
