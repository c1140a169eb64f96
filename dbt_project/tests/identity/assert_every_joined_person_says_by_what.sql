-- Fails when a person of a source is one child with another and no link or decision
-- says so, or is alone and yet linked.
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
