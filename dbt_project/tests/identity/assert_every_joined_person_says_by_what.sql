-- Fails if a mention that shares its child with another mention is marked as unlinked.
-- Also fails if the only mention of a child has a link method.
with

bridge as (
    select
        *,
        count(*) over (partition by child_id_register) as mention_count,
    from {{ ref('bridge_child_sources') }}
),

final as (
    select mention_id_register
    from bridge
    where (mention_count > 1) != (link_method != 'unlinked')
)

select * from final
