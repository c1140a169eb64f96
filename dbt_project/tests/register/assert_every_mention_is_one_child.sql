-- Fails if a mention is missing from the register, or belongs to two children.
with

collected as (
    select count(*) as mention_count
    from {{ ref('int_mentions') }}
),

published as (
    select
        count(*) as mention_count,
        count(distinct mention_id_register) as distinct_count,
    from {{ ref('bridge_child_sources') }}
),

final as (
    select collected.mention_count
    from collected
    cross join published
    where
        collected.mention_count != published.mention_count
        or published.mention_count != published.distinct_count
)

select * from final
