-- Children of a simulated home whom an authority knows, and under which keys of the
-- register.
with

mentions as (
    select * from {{ ref('int_mention_truth_known') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

final as (
    select
        mentions.person_id_truth,
        min(crosswalk.child_id_register) as first_child_id,
        max(crosswalk.child_id_register) as last_child_id,
    from crosswalk
    inner join mentions on crosswalk.mention_key = mentions.mention_key
    group by mentions.person_id_truth
)

select * from final
