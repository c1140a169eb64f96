-- Fails unless every child in the bridge has exactly one current version: joins to the
-- version would otherwise lose or repeat rows.
with

bridge as (
    select distinct child_id_register
    from {{ ref('bridge_child_sources') }}
),

versions as (
    select * from {{ ref('dim_children') }}
    where is_current
),

final as (
    select bridge.child_id_register
    from bridge
    left join versions on bridge.child_id_register = versions.child_id_register
    group by bridge.child_id_register
    having count(versions.child_version_id) != 1
)

select * from final
