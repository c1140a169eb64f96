-- Fails if a link between two different children has no recorded cause for being
-- undone. Also fails if a link within one child has such a cause.
with

links as (
    select
        left_mention_key,
        right_mention_key,
    from {{ ref('int_pair_links') }}
    where band = 'link'
    union distinct
    select
        left_mention_key,
        right_mention_key,
    from {{ ref('int_link_decisions') }}
    where decision = 'link'
),

children as (
    select * from {{ ref('int_child_crosswalk') }}
),

apart as (
    select
        links.left_mention_key,
        links.right_mention_key,
    from links
    inner join children as left_side
        on links.left_mention_key = left_side.mention_key
    inner join children as right_side
        on links.right_mention_key = right_side.mention_key
    where left_side.founding_mention_key != right_side.founding_mention_key
),

undone as (
    select * from {{ ref('int_rejected_links') }}
)

select
    apart.left_mention_key as left_apart,
    undone.left_mention_key as left_undone,
from apart
full outer join undone
    on
        apart.left_mention_key = undone.left_mention_key
        and apart.right_mention_key = undone.right_mention_key
where
    apart.left_mention_key is null
    or undone.left_mention_key is null
