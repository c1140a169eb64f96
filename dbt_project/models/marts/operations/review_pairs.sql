with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

pairs as (
    select * from {{ ref('int_pair_outcomes') }}
),

splits as (
    select * from {{ ref('int_split_impacts') }}
),

pairs_of_children as (
    select * from {{ ref('int_pair_outcomes') }}
    where not is_joined and match_weight is not null
),

last_days as (
    {{ last_covered_days(ref('stg_ledger__deliveries')) }}
),

episodes as (
    select
        found.child_id_register,
        found.episode_id_register,
        found.source_status,
        found.start_date,
        coalesce(found.end_date, last_days.last_date) as end_date,
    from {{ ref('int_episodes') }} as found
    cross join last_days
),

known_to as (
    select
        child_id_register,
        max(case source when 'police' then 1 else 0 end) as police_rank,
        max(case source when 'authority' then 1 else 0 end) as authority_rank,
    from crosswalk
    group by child_id_register
),

children as (
    select distinct
        least(left_child_id_register, right_child_id_register)
            as first_child_id_register,
        greatest(left_child_id_register, right_child_id_register)
            as second_child_id_register,
    from pairs_of_children
),

met_episodes as (
    select
        children.first_child_id_register,
        children.second_child_id_register,
        first_side.episode_id_register as first_episode_id_register,
        second_side.episode_id_register as second_episode_id_register,
        case
            when
                first_side.source_status || second_side.source_status
                in ('police_onlyauthority_only', 'authority_onlypolice_only')
                then 'meeting'
            else 'merging'
        end as kind,
    from children
    inner join episodes as first_side
        on children.first_child_id_register = first_side.child_id_register
    inner join episodes as second_side
        on
            children.second_child_id_register = second_side.child_id_register
            and first_side.start_date <= second_side.end_date
            and first_side.end_date >= second_side.start_date
),

counted as (
    select
        first_child_id_register,
        second_child_id_register,
        {% for kind in ['meeting', 'merging'] %}
            least(
                {% for side in ['first', 'second'] %}
                    count(distinct case
                        when kind = '{{ kind }}'
                            then {{ side }}_episode_id_register
                    end){{ ',' if not loop.last }}
                {% endfor %}
            ) as {{ kind }}_episode_count,
        {% endfor %}
    from met_episodes
    group by first_child_id_register, second_child_id_register
),

-- What would change in the published register if the two children of a pair were
-- merged. Absences of both children that overlap by day would become one: `meeting` if
-- one is police-only and the other authority-only, otherwise `merging`. This is
-- slightly more than the register's matching would join. `newly_known_child_count` is
-- the number of sources that have recorded only one of the two children.
merge_impacts as (
    select
        children.first_child_id_register,
        children.second_child_id_register,
        coalesce(counted.meeting_episode_count, 0) as meeting_episode_count,
        coalesce(counted.merging_episode_count, 0) as merging_episode_count,
        {% for source in ['police', 'authority'] %}
            abs(first_side.{{ source }}_rank - second_side.{{ source }}_rank)
            {{ '+' if not loop.last }}
        {% endfor %} as newly_known_child_count,
    from children
    inner join known_to as first_side
        on children.first_child_id_register = first_side.child_id_register
    inner join known_to as second_side
        on children.second_child_id_register = second_side.child_id_register
    left join counted
        on
            children.first_child_id_register = counted.first_child_id_register
            and children.second_child_id_register = counted.second_child_id_register
),

valued as (
    select
        pairs.*,
        case
            when pairs.is_joined and splits.left_mention_key is null then 0
            else 1
        end as merging_child_count,
        {% for count in ['meeting_episode', 'merging_episode', 'newly_known_child'] %}
            coalesce(merge_impacts.{{ count }}_count, splits.{{ count }}_count, 0)
                as {{ count }}_count,
        {% endfor %}
    from pairs
    left join merge_impacts
        on
            least(pairs.left_child_id_register, pairs.right_child_id_register)
            = merge_impacts.first_child_id_register
            and greatest(pairs.left_child_id_register, pairs.right_child_id_register)
            = merge_impacts.second_child_id_register
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
        match_probability,
        band_code,
        is_loose,
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
        -- Strata of the clerical sample, by match weight in bits. Capped pairs have
        -- strata of their own: those that context made links, those that are links at
        -- the loose threshold, and the others.
        case
            when match_weight is null then null
            when capped_by is not null and band_code = 'link' then 'capped, linked'
            when capped_by is not null and match_weight >= 0 then 'capped, 0 and over'
            when capped_by is not null then 'capped, below 0'
            when match_weight < 0 then 'below 0'
            when match_weight < 3 then '0 to 3'
            when match_weight < 8 then '3 to 8'
            when match_weight < 12 then '8 to 12'
            when match_weight < 16 then '12 to 16'
            when match_weight < 20 then '16 to 20'
            else '20 and over'
        end as sampling_stratum,
    from valued
)

select * from final
