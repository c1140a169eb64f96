{{ config(materialized='ephemeral') }}

{#
    What a split of one child into two would change in the published register. Each pair
    of weakly connected mentions gives one possible split: the left child would have the
    left mention, the right child the right one. The model counts the absences that the
    split would divide. The two kinds are `meeting` (each child would have the record of
    one source) and `merging` (all others). `newly_known_child_count` is the number of
    sources that would have recorded only one of the two children. Mentions that would be
    in neither child are left out.
#}
{% set sides, sources = ['left', 'right'], ['police', 'authority'] %}
with

tried as (
    select * from {{ ref('int_candidate_splits') }}
    where side_code != 'neither'
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

reports as (
    select
        tried.left_mention_key,
        tried.right_mention_key,
        tried.side_code,
        intervals.source,
        placed.episode_id_register,
    from tried
    inner join intervals on tried.mention_key = intervals.mention_key
    inner join placed on intervals.report_key = placed.report_key
),

known_to as (
    select
        tried.left_mention_key,
        tried.right_mention_key,
        {% for side in sides %}
            {% for source in sources %}
                max(case
                    when
                        tried.side_code = '{{ side }}'
                        and crosswalk.source = '{{ source }}'
                        then 1
                    else 0
                end) as {{ side }}_{{ source }}_rank,
            {% endfor %}
        {% endfor %}
    from tried
    inner join crosswalk on tried.mention_key = crosswalk.mention_key
    group by tried.left_mention_key, tried.right_mention_key
),

divided as (
    select
        left_mention_key,
        right_mention_key,
        episode_id_register,
        case
            when
                count(distinct side_code || source) = 2
                and count(distinct source) = 2
                then 'meeting'
            else 'merging'
        end as kind,
    from reports
    group by left_mention_key, right_mention_key, episode_id_register
    having count(distinct side_code) = 2
),

counted as (
    select
        left_mention_key,
        right_mention_key,
        count(case when kind = 'meeting' then 1 end) as meeting_episode_count,
        count(case when kind = 'merging' then 1 end) as merging_episode_count,
    from divided
    group by left_mention_key, right_mention_key
),

final as (
    select
        known_to.left_mention_key,
        known_to.right_mention_key,
        coalesce(counted.meeting_episode_count, 0) as meeting_episode_count,
        coalesce(counted.merging_episode_count, 0) as merging_episode_count,
        {% for source in sources %}
            abs(known_to.left_{{ source }}_rank - known_to.right_{{ source }}_rank)
            {{ '+' if not loop.last }}
        {% endfor %} as newly_known_child_count,
    from known_to
    left join counted
        on
            known_to.left_mention_key = counted.left_mention_key
            and known_to.right_mention_key = counted.right_mention_key
)

select * from final
