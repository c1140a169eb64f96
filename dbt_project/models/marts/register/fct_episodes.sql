with

-- `duration_hours` is set only if both start and end are recorded to the minute.
episodes as (
    select
        *,
        case
            when start_precision = 'minute' and end_precision = 'minute'
                then greatest({{ function('hours_between') }}(
                    started_at, ended_at
                ), 0.0)
        end as duration_hours,
    from {{ ref('int_episodes') }}
),

children as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null
),

police_facts as (
    select * from {{ ref('int_episode_police_facts') }}
),

bands as (
    select
        *,
        coalesce(upper, 1000000) as below,
    from {{ ref('ref__duration_bands') }}
),

authority_spans as (
    {{ version_spans(
        ref('dim_authorities'), 'authority_code_dfe', 'authority_version_id'
    ) }}
),

force_spans as (
    {{ version_spans(
        ref('dim_police_forces'), 'police_force_code', 'police_force_version_id'
    ) }}
),

child_spans as (
    {{ version_spans(
        ref('int_child_versions'), 'child_id_register', 'child_version_id'
    ) }}
),

final as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        child_versions.child_version_id,
        episodes.start_date,
        episodes.end_date,
        episodes.started_at,
        episodes.ended_at,
        episodes.start_precision,
        episodes.end_precision,
        episodes.end_basis_code = 'open' as is_open,
        episodes.end_basis_code,
        cast(episodes.duration_hours_lower as double) as duration_hours_lower,
        cast(episodes.duration_hours_upper as double) as duration_hours_upper,
        cast(episodes.duration_days as integer) as duration_days,
        cast(episodes.duration_days_lowest as integer) as duration_days_lowest,
        cast(episodes.duration_days_highest as integer) as duration_days_highest,
        {% for bound in ['', '_lowest', '_highest'] %}
            {{ 'dfe_bands' ~ bound ~ '.band_code as duration_band_dfe_code' ~ bound }},
            {{
                'police_bands' ~ bound
                ~ '.band_code as duration_band_police_code' ~ bound
            }},
        {% endfor %}
        episodes.is_over_24_hours_lower,
        episodes.is_over_24_hours_upper,
        episodes.category_code,
        episodes.category_police_code,
        episodes.category_authority_code,
        episodes.counted_category_code,
        episodes.risk_level_police_code,
        episodes.care_status_code,
        episodes.legal_status_code,
        {{ register_key('P', 'episodes.placement_key') }} as placement_id_register,
        episodes.placement_type_code,
        episodes.placement_provider_code,
        episodes.distance_miles,
        episodes.is_out_of_area,
        episodes.is_over_20_miles,
        episodes.placing_authority_code_dfe,
        coalesce(episodes.host_authority_code_dfe, 'unknown')
            as host_authority_code_dfe,
        coalesce(episodes.authority_code_dfe, 'unknown') as authority_code_dfe,
        episodes.police_force_code,
        placing_versions.authority_version_id as placing_authority_version_id,
        host_versions.authority_version_id as host_authority_version_id,
        authority_versions.authority_version_id,
        force_versions.police_force_version_id,
        episodes.collection_year,
        {{ function('is_in_scope') }}(
            episodes.start_date, episodes.care_status_code
        ) as is_in_scope,
        episodes.age_at_start,
        {{ age_band_of('episodes.age_at_start') }} as age_band_code,
        coalesce(children.sex_code, 'unknown') as sex_code,
        coalesce(children.ethnicity_group_code, 'unknown') as ethnicity_group_code,
        cast(episodes.report_count as integer) as report_count,
        cast(episodes.police_report_count as integer) as police_report_count,
        cast(episodes.authority_report_count as integer) as authority_report_count,
        episodes.source_status,
        episodes.source_match_code,
        episodes.is_matched_after_widening,
        episodes.is_repeat_in_year,
        episodes.is_third_in_90_days,
        {%- for flag in police_flags() %}
            police_facts.{{ flag }}_police_code,
        {%- endfor %}
        police_facts.fatal_flag_authority_code,
        police_facts.reported_by_police_code,
        police_facts.found_by_police_code,
        police_facts.care_authority_police_code,
        police_facts.prevention_interview_at,
        police_facts.is_transferred,
    from episodes
    left join police_facts
        on episodes.episode_id_register = police_facts.episode_id_register
    left join children on episodes.child_id_register = children.child_id_register
    {% for bound, hours in {
        '': '', '_lowest': '_lower', '_highest': '_upper',
    }.items() %}
        {{ join_band('dfe', bound, 'episodes.duration_days' ~ bound) }}
        {{ join_band('police', bound, 'episodes.duration_hours' ~ hours) }}
    {% endfor %}
    {{ join_version(
        'child_spans', 'child_versions', 'child_id_register',
        'episodes.child_id_register', 'episodes.started_at'
    ) }}
    {%- for version, code in {
        'placing_versions': 'episodes.placing_authority_code_dfe',
        'host_versions': "coalesce(episodes.host_authority_code_dfe, 'unknown')",
        'authority_versions': "coalesce(episodes.authority_code_dfe, 'unknown')",
    }.items() %}
        {{ join_version(
            'authority_spans', version, 'authority_code_dfe', code,
            'episodes.start_date'
        ) }}
    {% endfor %}
    {{ join_version(
        'force_spans', 'force_versions', 'police_force_code',
        'episodes.police_force_code', 'episodes.start_date'
    ) }}
)

select * from final
