-- Prevents a source person in one child with another without a link or decision as the
-- reason, or one alone in spite of a link.
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
