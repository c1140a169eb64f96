-- Links that each whole match weight, used as a threshold, would make from the scored
-- pairs alone, without cannot-link constraints and clustering. A capped pair counts
-- only if context may link it.
with

scored as (
    select * from {{ ref('int_pair_links') }}
),

truth as (
    select * from {{ ref('int_true_mentions') }}
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

known as (
    select
        scored.match_weight,
        scored.capped_by is null or scored.is_loose as is_linkable,
        left_side.person_id_truth = right_side.person_id_truth as is_true,
    from scored
    inner join truth as left_side
        on scored.left_mention_key = left_side.mention_key
    inner join truth as right_side
        on scored.right_mention_key = right_side.mention_key
),

persons as (
    select
        truth.person_id_truth,
        count(*) as mention_count,
    from truth
    inner join mentions on truth.mention_key = mentions.mention_key
    group by truth.person_id_truth
),

truth_pairs as (
    select sum(mention_count * (mention_count - 1) / 2) as truth_count
    from persons
),

by_weight as (
    select
        cast(floor(match_weight) as integer) as match_weight,
        sum(case when is_linkable and is_true then 1 else 0 end) as true_count,
        sum(case when is_linkable and not is_true then 1 else 0 end) as false_count,
    from known
    group by cast(floor(match_weight) as integer)
),

accumulated as (
    select
        match_weight,
        sum(true_count) over from_here_up as true_count,
        sum(false_count) over from_here_up as false_count,
    from by_weight
    window from_here_up as (
        order by match_weight
        rows between current row and unbounded following
    )
),

final as (
    select
        accumulated.match_weight,
        cast(accumulated.true_count as bigint) as true_count,
        cast(accumulated.false_count as bigint) as false_count,
        cast(truth_pairs.truth_count - accumulated.true_count as bigint)
            as missed_count,
        {% for rate, whole in {
            'precision': 'accumulated.true_count + accumulated.false_count',
            'recall': 'truth_pairs.truth_count',
        }.items() %}
            accumulated.true_count / nullif(cast({{ whole }} as double), 0)
                as {{ rate }},
            {{ function('wilson_lower') }}(accumulated.true_count, {{ whole }})
                as {{ rate }}_lower,
            {{ function('wilson_upper') }}(accumulated.true_count, {{ whole }})
                as {{ rate }}_upper,
        {% endfor %}
    from accumulated
    cross join truth_pairs
)

select * from final
