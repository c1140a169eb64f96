with

pairs as (
    select * from {{ ref('int_pair_outcomes') }}
),

meetings as (
    select * from {{ ref('int_merge_impacts') }}
),

splits as (
    select * from {{ ref('int_split_impacts') }}
),

valued as (
    select
        pairs.*,
        case
            when pairs.is_joined and splits.left_mention_key is null then 0
            else 1
        end as merging_child_count,
        {% for count in ['meeting_episode', 'merging_episode', 'newly_known_child'] %}
            coalesce(meetings.{{ count }}_count, splits.{{ count }}_count, 0)
                as {{ count }}_count,
        {% endfor %}
    from pairs
    left join meetings
        on
            least(pairs.left_child_id_register, pairs.right_child_id_register)
            = meetings.first_child_id_register
            and greatest(pairs.left_child_id_register, pairs.right_child_id_register)
            = meetings.second_child_id_register
    left join splits
        on
            pairs.left_mention_key = splits.left_mention_key
            and pairs.right_mention_key = splits.right_mention_key
),

final as (
    select
        {{ review_pair_id('left_mention_key', 'right_mention_key') }} as review_pair_id,
        left_mention_key,
        right_mention_key,
        {{ register_key('M', 'left_mention_key') }} as left_mention_id_register,
        {{ register_key('M', 'right_mention_key') }} as right_mention_id_register,
        left_child_id_register,
        right_child_id_register,
        is_joined,
        match_weight,
        band_code,
        capped_by,
        blocking_rule_place,
        guard_code,
        link_method,
        outcome_code,
        cause_code,
        cause_guard_code,
        {% for side in ['left', 'right'] %}
            case
                when cause_{{ side }}_mention_key is not null
                    then {{ register_key('M', 'cause_' ~ side ~ '_mention_key') }}
            end as cause_{{ side }}_mention_id_register,
        {% endfor %}
        review_reason_code is not null as is_for_review,
        review_reason_code,
        decision,
        decided_at,
        decided_by,
        decision_reason,
        has_decision_conflict,
        cast(
            2 * meeting_episode_count + merging_episode_count + merging_child_count
            + newly_known_child_count as bigint
        ) as value_of_decision,
        cast(meeting_episode_count as bigint) as meeting_episode_count,
        cast(merging_episode_count as bigint) as merging_episode_count,
        cast(merging_child_count as bigint) as merging_child_count,
        cast(newly_known_child_count as bigint) as newly_known_child_count,
        {{ sampling_stratum('match_weight', 'capped_by') }} as sampling_stratum,
    from valued
)

select * from final
