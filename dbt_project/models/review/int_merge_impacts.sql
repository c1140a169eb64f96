{#
    How much published figures would move if two children that a reviewable pair names were one.
    Absences meet by their days, a little more widely than the register would merge them.
#}
with

pairs as (
    select * from {{ ref('int_pair_outcomes') }}
    where not is_joined and match_weight is not null
),

episodes as (
    select
        child_id_register,
        episode_id_register,
        source_status,
        start_date,
        coalesce(end_date, last_date) as end_date,
    from {{ ref('int_episodes') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
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
    from pairs
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

final as (
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
)

select * from final
