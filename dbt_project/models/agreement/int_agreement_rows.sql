-- Every episode has a row, with the values recorded by each source. A report without a
-- usable start belongs to no episode and has a row of its own.
{% set sided = [
    'supplier_code', 'report_count', 'absence_count', 'supplier_count',
    'start_lower_at', 'start_upper_at', 'end_lower_at', 'end_upper_at',
    'is_dated_only', 'first_received_at', 'birth_date', 'sex_code',
    'ethnicity_group_code', 'is_uasc',
] %}
with

versions as (
    select * from {{ ref('int_person_versions') }}
),

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

episodes as (
    select * from {{ ref('int_episodes') }}
),

care as (
    select * from {{ ref('int_episode_care') }}
),

ranked_versions as (
    select
        *,
        row_number() over (
            partition by mention_key
            order by
                source_rank desc,
                known_at desc,
                _period_start desc,
                _delivery_id desc,
                _file desc,
                _row_number desc
        ) as version_rank,
    from versions
),

-- The latest details of each person in a source. If a person is in both feeds of an
-- authority, the extract takes precedence over the return.
person_details as (
    select
        mention_key,
        birth_date,
        sex_code,
        ethnicity_group_code,
        is_uasc,
    from ranked_versions
    where version_rank = 1
),

reports as (
    select
        placed.episode_id_register,
        placed.source_absence_key,
        intervals.*,
        row_number() over (
            partition by placed.episode_id_register, intervals.source
            order by intervals.start_lower_at, intervals.report_key
        ) as source_rank,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
),

summed as (
    select
        episode_id_register,
        source,
        count(*) as report_count,
        count(distinct source_absence_key) as absence_count,
        count(distinct supplier_code) as supplier_count,
        sum(case when feed = 'authority_extract' then 1 else 0 end) as extract_count,
        min(start_lower_at) as start_lower_at,
        min(start_upper_at) as start_upper_at,
        max(end_lower_at) as end_lower_at,
        max(end_upper_at) as end_upper_at,
        max(case when start_precision = 'minute' then 1 else 0 end) = 0
            as is_dated_only,
        min(first_received_at) as first_received_at,
        max(case when source_rank = 1 then supplier_code end) as supplier_code,
        max(case when source_rank = 1 then mention_key end) as mention_key,
        max(case when source_rank = 1 then location_type_code end)
            as location_type_code,
        max(case when source_rank = 1 then missing_from_postcode end)
            as missing_from_postcode,
    from reports
    group by episode_id_register, source
),

-- The values that one source records of an episode: totals over its reports, and
-- details of the person. Supplier, place and person come from the source's first
-- report.
sides as (
    select
        summed.*,
        person_details.birth_date,
        person_details.sex_code,
        person_details.ethnicity_group_code,
        person_details.is_uasc,
    from summed
    left join person_details on summed.mention_key = person_details.mention_key
),

startless as (
    select * from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason = 'no_usable_start'
),

{% for source in ['police', 'authority'] %}
    {{ source }}_sides as (
        select * from sides
        where source = '{{ source }}'
    ),

{% endfor %}

spine as (
    select
        episode_id_register as agreement_id,
        episode_id_register,
        cast(null as varchar) as report_id_register,
        cast(null as varchar) as report_key,
    from episodes
    union all
    select
        {{ register_key('R', 'report_key') }} as agreement_id,
        cast(null as varchar) as episode_id_register,
        {{ register_key('R', 'report_key') }} as report_id_register,
        report_key,
    from startless
),

final as (
    select
        spine.agreement_id,
        spine.episode_id_register,
        spine.report_id_register,
        coalesce(episodes.child_id_register, startless.child_id_register)
            as child_id_register,
        coalesce(episodes.source_status, startless.source || '_only') as status,
        episodes.start_date,
        episodes.end_date,
        episodes.duration_hours_lower,
        episodes.duration_hours_upper,
        coalesce(episodes.collection_year, 'unknown') as collection_year,
        episodes.birth_date,
        episodes.eighteenth_birthday_date,
        coalesce(episodes.care_status_code, 'unknown') as care_status_code,
        episodes.placement_type_code,
        episodes.is_out_of_area,
        coalesce(episodes.authority_code_dfe, startless.authority_code_dfe, 'unknown')
            as authority_code_dfe,
        coalesce(episodes.police_force_code, startless.police_force_code, 'unknown')
            as police_force_code,
        episodes.host_authority_code_dfe,
        care.placement_authority_code_dfe,
        care.host_police_force_code,
        coalesce(episodes.is_police_covered, true) as is_police_covered,
        episodes.is_authority_covered,
        coalesce(
            episodes.category_police_code,
            case startless.source when 'police' then startless.category_code end
        ) as category_police_code,
        coalesce(
            episodes.category_authority_code,
            case startless.source when 'authority' then startless.category_code end
        ) as category_authority_code,
        episodes.is_category_equal,
        cast(episodes.start_difference_hours as double) as start_difference_hours,
        cast(episodes.end_difference_hours as double) as end_difference_hours,
        coalesce(
            episodes.looked_after_flag_code, startless.looked_after_flag_code, 'unknown'
        ) as looked_after_flag_code,
        police_sides.location_type_code,
        police_sides.missing_from_postcode,
        {% for source in ['police', 'authority'] %}
            {% for column in sided %}
                {{ source }}_sides.{{ column }} as {{ source }}_{{ column }},
            {% endfor %}
        {% endfor %}
    from spine
    left join episodes on spine.episode_id_register = episodes.episode_id_register
    left join care on spine.episode_id_register = care.episode_id_register
    left join startless on spine.report_key = startless.report_key
    left join police_sides
        on spine.episode_id_register = police_sides.episode_id_register
    left join authority_sides
        on spine.episode_id_register = authority_sides.episode_id_register
)

select * from final
