-- Shows how much agreement depends on the matching tolerance. Absences are matched
-- again at each tolerance, while all other rules stay the same.
with

merged as (
    select * from {{ ref('int_source_absences') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

episodes as (
    select * from {{ ref('int_episodes') }}
),

tried as (
    select * from {{ ref('ref__tolerances_tried') }}
),

grouped as (
    select * from {{ ref('int_absence_assignments_by_tolerance') }}
),

placed_absences as (
    select distinct
        merged.source_absence_key,
        merged.source,
        episodes.episode_id_register,
        episodes.authority_report_count,
        episodes.started_at,
        episodes.authority_code_dfe,
        episodes.collection_year,
        episodes.care_status_code,
    from merged
    inner join placed on merged.report_key = placed.report_key
    inner join episodes
        on placed.episode_id_register = episodes.episode_id_register
),

matched as (
    select
        grouped.tolerance_days,
        grouped.group_key,
        placed_absences.*,
        row_number() over (
            partition by grouped.tolerance_days, grouped.group_key
            order by
                case
                    when placed_absences.authority_report_count > 0 then 0 else 1
                end,
                placed_absences.started_at,
                placed_absences.episode_id_register,
                placed_absences.source,
                placed_absences.source_absence_key
        ) as episode_rank,
    from grouped
    inner join placed_absences
        on grouped.absence_key = placed_absences.source_absence_key
),

-- Which sources recorded each episode at each tolerance. If a tolerance joins several
-- episodes of the register, authority, year and care status come from one of them. An
-- episode that an authority reported is preferred, then the earliest.
matched_counts as (
    select
        tolerance_days,
        group_key,
        max(case when source = 'police' then 1 else 0 end) = 1 as is_held_by_police,
        max(case when source = 'authority' then 1 else 0 end) = 1
            as is_held_by_authority,
        max(case when episode_rank = 1 then authority_code_dfe end)
            as authority_code_dfe,
        max(case when episode_rank = 1 then collection_year end) as collection_year,
        max(case when episode_rank = 1 then care_status_code end) as care_status_code,
    from matched
    group by tolerance_days, group_key
),

-- `matched` contains only absences that have another absence nearby. To save work, all
-- absences are first counted as recorded by one source. The matched absences are then
-- subtracted, and the episodes that they form are added.
every_absence as (
    select
        tried.tolerance_days,
        placed_absences.*,
    from placed_absences
    cross join tried
),

sources as (
    {% for relation, sign in {'every_absence': '', 'matched': '-'}.items() %}
        select
            tolerance_days,
            source = 'police' as is_held_by_police,
            source = 'authority' as is_held_by_authority,
            authority_code_dfe,
            collection_year,
            care_status_code,
            {{ sign }}count(*) as episode_count,
        from {{ relation }}
        group by
            tolerance_days, source, authority_code_dfe, collection_year,
            care_status_code
        union all
    {% endfor %}
    select
        tolerance_days,
        is_held_by_police,
        is_held_by_authority,
        authority_code_dfe,
        collection_year,
        care_status_code,
        count(*) as episode_count,
    from matched_counts
    group by all
),

-- Short breaks are outside the statistics.
episode_counts as (
    select
        tolerance_days,
        is_held_by_police,
        is_held_by_authority,
        coalesce(authority_code_dfe, 'unknown') as authority_code_dfe,
        collection_year,
        care_status_code,
        sum(episode_count) as episode_count,
    from sources
    where care_status_code != 'short_break'
    group by all
),

-- Counts for all years, for each year, and for each authority in each year. Each is
-- given by care status and for all children.
levelled as (
    {% for year, authority in [
        ("'all'", "'all'"),
        ('collection_year', "'all'"),
        ('collection_year', 'authority_code_dfe'),
    ] %}
        {% set is_last = loop.last %}
        {% for care in ["'all'", 'care_status_code'] %}
            select
                tolerance_days,
                is_held_by_police,
                is_held_by_authority,
                {{ authority }} as authority_code_dfe,
                {{ year }} as collection_year,
                {{ care }} as care_status_code,
                episode_count,
            from episode_counts
            {% if not (is_last and loop.last) %}union all{% endif %}
        {% endfor %}
    {% endfor %}
),

counted as (
    select
        tolerance_days,
        authority_code_dfe,
        collection_year,
        care_status_code,
        cast(sum(episode_count) as bigint) as total_count,
        {{ number_where(
            'episode_count', 'is_held_by_police and is_held_by_authority'
        ) }} as both_count,
        {{ number_where('episode_count', 'not is_held_by_authority') }}
            as police_only_count,
        {{ number_where('episode_count', 'not is_held_by_police') }}
            as authority_only_count,
    from levelled
    group by tolerance_days, authority_code_dfe, collection_year, care_status_code
    having sum(episode_count) > 0
),

final as (
    select
        {{ joined_key([
            'tolerance_days', 'authority_code_dfe', 'collection_year', 'care_status_code'
        ]) }} as agreement_tolerance_id,
        tolerance_days,
        authority_code_dfe,
        collection_year,
        care_status_code,
        total_count,
        both_count,
        police_only_count,
        authority_only_count,
        {% for status in ['both', 'police_only', 'authority_only'] %}
            cast({{ status }}_count * 1.0 / total_count as double)
                as {{ status }}_share,
            {{ function('wilson_lower') }}({{ status }}_count, total_count)
                as {{ status }}_share_lower,
            {{ function('wilson_upper') }}({{ status }}_count, total_count)
                as {{ status }}_share_upper,
        {% endfor %}
    from counted
)

select * from final
