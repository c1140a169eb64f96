-- How much of agreement hangs on where the line is drawn: absences matched again at
-- each tolerance, everything else being equal.
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

absences as (
    select distinct
        merged.source_absence_key,
        merged.source,
        placed.episode_id_register,
    from merged
    inner join placed on merged.report_key = placed.report_key
),

regrouped as (
    select
        tried.tolerance_days,
        absences.source,
        absences.episode_id_register,
        coalesce(grouped.group_key, absences.source_absence_key) as group_key,
    from absences
    cross join tried
    left join grouped
        on
            tried.tolerance_days = grouped.tolerance_days
            and absences.source_absence_key = grouped.absence_key
),

ranked as (
    select
        regrouped.*,
        episodes.authority_code_dfe,
        episodes.collection_year,
        episodes.care_status_code,
        row_number() over (
            partition by regrouped.tolerance_days, regrouped.group_key
            order by
                case when episodes.authority_report_count > 0 then 0 else 1 end,
                episodes.started_at,
                episodes.episode_id_register,
                regrouped.source
        ) as episode_rank,
    from regrouped
    inner join episodes
        on regrouped.episode_id_register = episodes.episode_id_register
),

-- Sources of each episode at each tolerance, by the authority, year and care of the
-- register's episode: where several merge, the one that an authority reported, then the
-- first. A short break is not in scope.
episode_counts as (
    select
        tolerance_days,
        group_key,
        max(case when source = 'police' then 1 else 0 end) = 1 as is_held_by_police,
        max(case when source = 'authority' then 1 else 0 end) = 1
            as is_held_by_authority,
        coalesce(
            max(case when episode_rank = 1 then authority_code_dfe end), 'unknown'
        ) as authority_code_dfe,
        max(case when episode_rank = 1 then collection_year end) as collection_year,
        max(case when episode_rank = 1 then care_status_code end) as care_status_code,
    from ranked
    group by tolerance_days, group_key
    having max(case when episode_rank = 1 then care_status_code end) != 'short_break'
),

-- The nation, years and authorities within years, each by care and for all.
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
            from episode_counts
            {% if not (is_last and loop.last) %}
                union all
            {% endif %}
        {% endfor %}
    {% endfor %}
),

counted as (
    select
        tolerance_days,
        authority_code_dfe,
        collection_year,
        care_status_code,
        count(*) as total_count,
        count(case when is_held_by_police and is_held_by_authority then 1 end)
            as both_count,
        count(case when not is_held_by_authority then 1 end) as police_only_count,
        count(case when not is_held_by_police then 1 end) as authority_only_count,
    from levelled
    group by tolerance_days, authority_code_dfe, collection_year, care_status_code
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
            wilson_lower({{ status }}_count, total_count)
                as {{ status }}_share_lower,
            wilson_upper({{ status }}_count, total_count)
                as {{ status }}_share_upper,
        {% endfor %}
    from counted
)

select * from final
