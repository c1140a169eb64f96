{#
    Pairs of which it is known whether they are one child: by a simulation's truth all that are one
    or were taken for one, by a clerical sample those judged. Whatever a simulation does not know of
    counts for nothing.
#}
{% set linkages = {
    'strict': ref('int_children_clustered_strict'),
    'central': ref('int_children_clustered'),
    'loose': ref('int_children_clustered_loose'),
} %}
with

truth as (
    select * from {{ ref('int_mention_truth_known') }}
),

clerical as (
    select * from {{ ref('int_clerical_pairs_judged') }}
),

mentions as (
    select * from {{ ref('int_mentions_cleaned') }}
),

{% for linkage, relation in linkages.items() %}
    {{ linkage }} as (
        select
            mention_key,
            founding_mention_key,
        from {{ relation }}
    ),

{% endfor %}
known as (
    select
        truth.mention_key,
        truth.person_id_truth,
        {% for linkage in linkages %}
            {{ linkage }}.founding_mention_key as {{ linkage }}_key,
        {% endfor %}
    from truth
    {% for linkage in linkages %}
        inner join {{ linkage }} on truth.mention_key = {{ linkage }}.mention_key
    {% endfor %}
),

concerned as (
    {% for column in ['person_id_truth', 'strict_key', 'central_key', 'loose_key'] %}
        select
            left_side.mention_key as left_mention_key,
            right_side.mention_key as right_mention_key,
        from known as left_side
        inner join known as right_side
            on
                left_side.{{ column }} = right_side.{{ column }}
                and left_side.mention_key < right_side.mention_key
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

judged as (
    select
        'simulated_truth' as basis_code,
        concerned.left_mention_key,
        concerned.right_mention_key,
        left_side.person_id_truth = right_side.person_id_truth as is_true,
        cast(1 as double) as pair_weight,
    from concerned
    inner join known as left_side
        on concerned.left_mention_key = left_side.mention_key
    inner join known as right_side
        on concerned.right_mention_key = right_side.mention_key
    union all
    select
        'clerical_sample' as basis_code,
        left_mention_key,
        right_mention_key,
        is_true,
        pair_weight,
    from clerical
),

final as (
    select
        judged.*,
        case
            when left_mention.source != right_mention.source then 'between'
            else 'within_' || left_mention.source
        end as scope_code,
        {% for linkage in linkages %}
            {{ linkage }}_left.founding_mention_key
            = {{ linkage }}_right.founding_mention_key as is_linked_{{ linkage }},
        {% endfor %}
    from judged
    inner join mentions as left_mention
        on judged.left_mention_key = left_mention.mention_key
    inner join mentions as right_mention
        on judged.right_mention_key = right_mention.mention_key
    {% for linkage in linkages %}
        {% for side in ['left', 'right'] %}
            inner join {{ linkage }} as {{ linkage }}_{{ side }}
                on
                    judged.{{ side }}_mention_key
                    = {{ linkage }}_{{ side }}.mention_key
        {% endfor %}
    {% endfor %}
)

select * from final
