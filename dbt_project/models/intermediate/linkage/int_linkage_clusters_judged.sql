-- A child counts as found only if the cluster holds exactly its mentions. Clusters of
-- one mention, found or true, are neither right nor wrong.
{% set linkages = {
    'strict': ref('int_children_clustered_strict'),
    'central': ref('int_children_clustered'),
    'loose': ref('int_children_clustered_loose'),
} %}
with

truth as (
    select * from {{ ref('int_mention_truth_known') }}
),

known as (
    {% for linkage, relation in linkages.items() %}
        select
            '{{ linkage }}' as linkage_code,
            truth.mention_key,
            truth.person_id_truth,
            clusters.founding_mention_key,
        from truth
        inner join {{ relation }} as clusters
            on truth.mention_key = clusters.mention_key
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

sized as (
    select
        *,
        count(*) over (partition by linkage_code, founding_mention_key) as found_size,
        count(*) over (partition by linkage_code, person_id_truth) as true_size,
        count(*) over (
            partition by linkage_code, founding_mention_key, person_id_truth
        ) as shared_size,
    from known
),

final as (
    select
        linkage_code,
        'found' as side_code,
        founding_mention_key as cluster_key,
        mention_key,
        found_size = shared_size and true_size = shared_size as is_exact,
    from sized
    where found_size > 1
    union all
    select
        linkage_code,
        'true' as side_code,
        cast(person_id_truth as varchar) as cluster_key,
        mention_key,
        found_size = shared_size and true_size = shared_size as is_exact,
    from sized
    where true_size > 1
)

select * from final
