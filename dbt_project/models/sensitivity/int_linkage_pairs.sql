{#
    Pairs whose true status is known: by a simulation's truth all that are one child or
    were linked, by a clerical sample those judged. Pairs outside a simulation's truth
    do not count.
#}
{% set linkages = ['strict', 'central', 'loose'] %}
with

sampled as (
    select * from {{ ref('stg_decisions__clerical_sample') }}
),

truth as (
    {{ true_mentions() }}
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

reviews as (
    select * from {{ ref('stg_decisions__reviews') }}
    where is_blind
),

latest_sample as (
    select
        *,
        max(drawn_at) over () as last_drawn_at,
    from sampled
),

latest_reviews as (
    select
        *,
        row_number() over (
            partition by left_mention_key, right_mention_key, reviewed_by
            order by reviewed_at desc, _row_number desc
        ) as review_rank,
    from reviews
),

votes as (
    select
        left_mention_key,
        right_mention_key,
        sum(case judgement when 'same' then 1 when 'different' then -1 else 0 end)
            as balance,
        count(*) as reviewer_count,
    from latest_reviews
    where review_rank = 1
    group by left_mention_key, right_mention_key
),

judged_by_reviewers as (
    select
        latest_sample.*,
        votes.balance > 0 as is_true,
        votes.reviewer_count,
        count(*) over (partition by latest_sample.stratum) as stratum_judged_count,
    from latest_sample
    inner join votes
        on
            latest_sample.left_mention_key = votes.left_mention_key
            and latest_sample.right_mention_key = votes.right_mention_key
    where
        latest_sample.drawn_at = latest_sample.last_drawn_at
        and votes.balance != 0
),

-- The latest sample, with the judgement of blind reviewers. A pair with split or unsure
-- judgements is not judged: the others of its stratum represent it too.
clerical as (
    select
        sample_id,
        left_mention_key,
        right_mention_key,
        stratum,
        is_true,
        reviewer_count,
        stratum_pair_count / cast(stratum_judged_count as double) as pair_weight,
    from judged_by_reviewers
),

central as (
    select
        mention_key,
        founding_mention_key,
    from {{ ref('int_child_crosswalk') }}
),

{% for linkage in ['strict', 'loose'] %}
    {{ linkage }} as (
        select
            mention_key,
            founding_mention_key,
        from {{ ref('int_clusters_by_threshold') }}
        where linkage_code = '{{ linkage }}'
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
