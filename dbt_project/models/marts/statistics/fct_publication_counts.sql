-- Each condition is counted once in every area, even if several public files use it.
{#
    The columns that a condition may name; `official_statistics/conditions.py` has the
    same list.
#}
{% set columns = [
    'care_status', 'absence_category', 'source_status', 'is_expected_both', 'age_group',
    'sex', 'ethnicity_major', 'placement', 'boundary', 'duration_band', 'reason_code',
    'category_police', 'category_authority', 'police_risk_level', 'same_area',
    'interview_offered',
    'interview_accepted', 'interview_held', 'interview_within_72_hours',
    'hours_band', 'over_24_hours_lower', 'over_24_hours_upper', 'start_month', 'outcome',
    'legal_status', 'unaccompanied',
    'trafficking_risk',
] %}
with

base as (
    select
        *,
        {{ surrogate_key(columns) }} as profile_id,
    from {{ ref('fct_publication_base') }}
),

listed_rows as (
    select * from {{ ref('int_publication_rows') }}
),

conditions as (
    select * from {{ ref('int_publication_conditions') }}
),

profiles as (
    select distinct
        profile_id,
        {{ columns | join(',\n        ') }},
    from base
),

-- A null in a column of a condition allows any code.
satisfied as (
    select
        conditions.condition_id,
        profiles.profile_id,
    from profiles
    inner join conditions
        on
            {% for column in columns %}
                {{ 'and ' if not loop.first }}(
                    conditions.{{ column }} is null
                    or conditions.{{ column }} = profiles.{{ column }}
                )
            {% endfor %}
),

placed as (
    select
        'National' as geographic_level,
        'E92000001' as area_code,
        *,
    from base
    union all
    select
        'Regional' as geographic_level,
        region_code as area_code,
        *,
    from base
    where region_code is not null
    union all
    select
        'Regional' as geographic_level,
        'E12000007' as area_code,
        *,
    from base
    where region_code like 'E13%'
    union all
    select
        'Local authority' as geographic_level,
        authority_code_dfe as area_code,
        *,
    from base
    where authority_code_dfe != 'unknown'
    union all
    select
        'Police force area' as geographic_level,
        police_force_code as area_code,
        *,
    from base
    where police_force_code like 'E23%'
),

wanted as (
    select distinct
        geographic_level,
        condition_id,
    from listed_rows
    where counted_on = 'base'
),

child_counts as (
    select
        placed.geographic_level,
        placed.area_code,
        placed.reporting_year,
        satisfied.condition_id,
        placed.child_id_register,
        count(*) as episode_count,
        row_number() over (
            partition by
                placed.geographic_level,
                placed.area_code,
                placed.reporting_year,
                satisfied.condition_id
            order by count(*) desc, placed.child_id_register
        ) as child_rank,
    from placed
    inner join satisfied on placed.profile_id = satisfied.profile_id
    inner join wanted
        on
            satisfied.condition_id = wanted.condition_id
            and placed.geographic_level = wanted.geographic_level
    group by
        placed.geographic_level,
        placed.area_code,
        placed.reporting_year,
        satisfied.condition_id,
        placed.child_id_register
),

ranges as (
    select distinct
        condition_id,
        episodes_least,
        episodes_most,
    from listed_rows
    where counted_on = 'base'
),

ranked as (
    select
        child_counts.*,
        ranges.episodes_least,
        ranges.episodes_most,
        row_number() over (
            partition by
                child_counts.geographic_level,
                child_counts.area_code,
                child_counts.reporting_year,
                child_counts.condition_id,
                ranges.episodes_least,
                ranges.episodes_most
            order by child_counts.child_rank
        ) as range_rank,
    from child_counts
    inner join ranges
        on
            child_counts.condition_id = ranges.condition_id
            and child_counts.episode_count >= ranges.episodes_least
            and child_counts.episode_count <= ranges.episodes_most
),

final as (
    select
        {{ joined_key([
            'reporting_year', 'geographic_level', 'area_code', 'condition_id',
            'episodes_least', 'episodes_most',
        ]) }} as publication_count_id,
        reporting_year,
        geographic_level,
        area_code,
        condition_id,
        episodes_least,
        episodes_most,
        cast(sum(episode_count) as bigint) as episode_count,
        count(*) as child_count,
        count(case when episode_count > 1 then 1 end) as repeat_child_count,
        cast(sum(case when range_rank <= 2 then episode_count end) as bigint)
            as top_two_count,
    from ranked
    group by
        geographic_level,
        area_code,
        reporting_year,
        condition_id,
        episodes_least,
        episodes_most
)

select * from final
