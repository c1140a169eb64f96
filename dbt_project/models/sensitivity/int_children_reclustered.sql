{#
    Children of the register who are not the same at another threshold, with all
    mentions of their clusters. A cluster is the same only if all its mentions have the
    register's founding mention at both thresholds and its size is the same.
#}
with

central as (
    select
        mention_key,
        founding_mention_key,
        mention_count as cluster_size,
    from {{ ref('int_child_crosswalk') }}
),

other as (
    select * from {{ ref('int_clusters_by_threshold') }}
),

moved as (
    select distinct
        other.linkage_code,
        central.founding_mention_key,
    from central
    inner join other on central.mention_key = other.mention_key
    where
        central.founding_mention_key != other.founding_mention_key
        or central.cluster_size != other.cluster_size
),

final as (
    select
        other.linkage_code,
        central.mention_key,
        {{ register_key('C', 'central.founding_mention_key') }} as child_id_register,
        other.linkage_code || ':' || other.founding_mention_key as linkage_child_key,
    from central
    inner join other on central.mention_key = other.mention_key
    inner join moved
        on
            other.linkage_code = moved.linkage_code
            and central.founding_mention_key = moved.founding_mention_key
)

select * from final
