with

pairs as (
    select * from {{ ref('int_pairs_explained') }}
),

meetings as (
    select * from {{ ref('int_child_meetings_counted') }}
),

valued as (
    select
        pairs.*,
        case when pairs.is_joined then 0 else 1 end as merging_child_count,
        coalesce(meetings.meeting_episode_count, 0) as meeting_episode_count,
        coalesce(meetings.merging_episode_count, 0) as merging_episode_count,
        coalesce(meetings.newly_known_child_count, 0) as newly_known_child_count,
    from pairs
    left join meetings
        on
            least(pairs.left_child_id_register, pairs.right_child_id_register)
            = meetings.first_child_id_register
            and greatest(pairs.left_child_id_register, pairs.right_child_id_register)
            = meetings.second_child_id_register
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
