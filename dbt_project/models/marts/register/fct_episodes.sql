with

episodes as (
    select * from {{ ref('int_episodes') }}
),

children as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null
),

bands as (
    select * from {{ ref('ref__duration_bands') }}
),

final as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
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
        dfe_bands.band_code as duration_band_dfe_code,
        police_bands.band_code as duration_band_police_code,
        episodes.is_over_24_hours_lower,
        episodes.is_over_24_hours_upper,
        episodes.category_code,
        episodes.category_police_code,
        episodes.category_authority_code,
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
        episodes.collection_year,
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
    from episodes
    left join children on episodes.child_id_register = children.child_id_register
    left join bands as dfe_bands
        on
            dfe_bands.measure = 'dfe'
            and episodes.duration_days >= dfe_bands.lower
            and episodes.duration_days < coalesce(dfe_bands.upper, 1000000)
    left join bands as police_bands
        on
            police_bands.measure = 'police'
            and episodes.start_precision = 'minute'
            and episodes.end_precision = 'minute'
            and episodes.duration_hours_lower >= police_bands.lower
            and episodes.duration_hours_lower < coalesce(police_bands.upper, 1000000)
)

select * from final
