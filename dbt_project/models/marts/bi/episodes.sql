-- Makes the joins that analysts need. They add current names of areas and categories,
-- whether both sources should have recorded the absence, the reason of a disagreement,
-- and the return interview.
with

absences as (
    select * from {{ ref('fct_episodes') }}
),

agreement as (
    select * from {{ ref('fct_agreement') }}
    where episode_id_register is not null
),

interviews as (
    {{ answers_by_episode(ref('fct_return_interviews')) }}
),

authorities as (
    select * from {{ ref('dim_authorities_current') }}
),

forces as (
    select * from {{ ref('dim_police_forces_current') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
),

placement_types as (
    select * from {{ ref('dim_placement_types') }}
),

reasons as (
    select * from {{ ref('dim_reasons') }}
),

risk_levels as (
    select * from {{ ref('dim_risk_levels') }}
),

characterised as (
    select
        absences.*,
        {{ whole_region_code('authorities.region_code_ons') }} as region_code_ons,
        {{ whole_region_name(
            'authorities.region_code_ons', 'authorities.region_name'
        ) }} as region_name,
        authorities.authority_name,
        forces.police_force_name,
        categories.category_name,
        categories.comparison_code,
        placement_types.placement_type_name,
        coalesce(placement_types.placement_group_code, 'unknown')
            as placement_group_code,
        {{ boundary_of('absences.is_out_of_area') }} as boundary_code,
        coalesce(absences.duration_band_dfe_code, 'unknown') as duration_band_code,
        {{ hours_band('absences') }} as hours_band_code,
        agreement.agreement_id is not null
        and agreement.is_police_expected
        and coalesce(agreement.is_authority_expected, false)
        and absences.is_in_scope as is_in_scope_of_both,
        police_categories.comparison_code as comparison_police_code,
        authority_categories.comparison_code as comparison_authority_code,
        agreement.reason_code,
        reasons.reason_name,
        risk_levels.risk_level_name as risk_level_police_name,
        absences.end_basis_code = 'recorded' as is_interview_due,
        interviews.episode_id_register is not null as is_in_authority_extract,
        interviews.offered_code,
        interviews.acceptance_code,
        interviews.held_code,
        interviews.within_72_hours_code,
    from absences
    left join agreement
        on absences.episode_id_register = agreement.episode_id_register
    left join interviews
        on absences.episode_id_register = interviews.episode_id_register
    left join authorities
        on absences.authority_code_dfe = authorities.authority_code_dfe
    left join forces on absences.police_force_code = forces.police_force_code
    left join categories on absences.category_code = categories.category_code
    left join categories as police_categories
        on absences.category_police_code = police_categories.category_code
    left join categories as authority_categories
        on absences.category_authority_code = authority_categories.category_code
    left join placement_types
        on absences.placement_type_code = placement_types.placement_type_code
    left join reasons on agreement.reason_code = reasons.reason_code
    left join risk_levels
        on absences.risk_level_police_code = risk_levels.risk_level_code
),

final as (
    select
        episode_id_register,
        child_id_register,
        start_date,
        end_date,
        {{ month_of('start_date') }} as start_month,
        collection_year,
        is_in_scope as is_counted,
        authority_code_dfe,
        authority_name,
        region_code_ons,
        region_name,
        coalesce(police_force_code, 'unknown') as police_force_code,
        coalesce(police_force_name, 'Not known') as police_force_name,
        care_status_code,
        {{ label_of('care_status_code', 'population') }} as care_status_name,
        {% for characteristic in [
            'age_band', 'sex', 'ethnicity_group', 'duration_band', 'placement_group',
            'boundary',
        ] %}
            {{ characteristic }}_code,
            {{ label_of(characteristic ~ '_code', characteristic) }}
                as {{ characteristic }}_name,
        {% endfor %}
        hours_band_code,
        age_at_start,
        placement_type_code,
        placement_type_name,
        is_out_of_area,
        category_code,
        category_name,
        counted_category_code,
        {{ label_of('counted_category_code', 'counted_category') }}
            as counted_category_name,
        counted_category_code = 'missing' as is_missing,
        counted_category_code = 'away' as is_away,
        risk_level_police_code,
        risk_level_police_name,
        risk_level_police_code is not null as is_police_missing_incident,
        is_over_24_hours_lower,
        is_over_24_hours_upper,
        is_open,
        is_repeat_in_year,
        is_third_in_90_days,
        source_status,
        {{ label_of('source_status', 'source_status') }} as source_status_name,
        is_in_scope_of_both,
        comparison_police_code,
        comparison_authority_code,
        reason_code,
        reason_name,
        is_interview_due,
        is_in_authority_extract,
        {% for answer in ['offered', 'acceptance', 'held', 'within_72_hours'] %}
            coalesce({{ answer }}_code, 'unknown') as {{ answer }}_code,
        {% endfor %}
    from characterised
)

select * from final
