-- Short breaks are outside the statistics. Sex, ethnic group and age group have one
-- value per child and year, so that counts of children add up. Sex and ethnic group
-- come from the child's current record, age from their first episode of the year. An
-- absence that ended after 31 March was still going on then, whatever its outcome.
{% set answers = ['offered', 'acceptance', 'held', 'within_72_hours'] %}
with

episodes as (
    select
        *,
        {{ reporting_year('collection_year') }}
            as reporting_year,
        coalesce(care_status_code = 'looked_after', false) as is_looked_after,
    from {{ ref('fct_episodes') }}
    where is_in_scope
),

covered_years as (
    select distinct {{ year_ending('period_end') }} as reporting_year
    from {{ ref('agg_supplier_coverage_by_period') }}
    where is_delivered and feed != 'published_statistics'
),

authorities as (
    select * from {{ ref('dim_authorities') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
),

placement_types as (
    select * from {{ ref('dim_placement_types') }}
),

legal_statuses as (
    select * from {{ ref('dim_legal_statuses') }}
),

children as (
    select * from {{ ref('dim_children_current') }}
),

agreement as (
    select * from {{ ref('fct_agreement') }}
    where episode_id_register is not null
),

interviews as (
    {{ answers_by_episode(ref('fct_return_interviews')) }}
),

-- Answers other than yes and no become null, which counts as unknown.
answered as (
    select
        episode_id_register,
        {% for answer in answers %}
            case when {{ answer }}_code in ('yes', 'no') then {{ answer }}_code end
                as {{ answer }},
        {% endfor %}
    from interviews
),

first_ages as (
    select
        child_id_register,
        reporting_year,
        min(age_at_start) as first_age,
    from episodes
    group by child_id_register, reporting_year
),

final as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        episodes.reporting_year,
        episodes.authority_code_dfe,
        authorities.region_code_ons as region_code,
        case when episodes.police_report_count > 0 then episodes.police_force_code end
            as police_force_code,
        case
            when episodes.police_report_count = 0 then null
            when episodes.police_force_code = authorities.police_force_code then 'yes'
            else 'no'
        end as same_area,
        case
            when episodes.is_looked_after then 'looked_after'
            else 'not_looked_after'
        end as care_status,
        episodes.counted_category_code as absence_category,
        episodes.source_status,
        case
            when agreement.is_police_expected and agreement.is_authority_expected
                then 'yes'
            else 'no'
        end as is_expected_both,
        case
            when first_ages.first_age is null then 'unknown'
            when first_ages.first_age < 10 then 'under_10'
            when first_ages.first_age < 16 then '10_to_15'
            else '16_and_17'
        end as age_group,
        case
            when episodes.sex_code in ('female', 'male') then episodes.sex_code
            else 'unknown'
        end as sex,
        case
            when
                episodes.ethnicity_group_code
                in ('white', 'mixed', 'asian', 'black', 'other')
                then episodes.ethnicity_group_code
            else 'unknown'
        end as ethnicity_major,
        case
            when not episodes.is_looked_after then 'none'
            when
                placement_types.placement_group_code
                in ('foster', 'childrens_home', 'independent', 'parents')
                then placement_types.placement_group_code
            when
                coalesce(placement_types.placement_group_code, 'unknown')
                in ('unknown', 'unmapped')
                then 'unknown'
            else 'other'
        end as placement,
        case
            when not episodes.is_looked_after then 'none'
            when episodes.is_out_of_area then 'outside'
            when not episodes.is_out_of_area then 'inside'
            else 'unknown'
        end as boundary,
        coalesce(episodes.duration_band_dfe_code, 'unknown') as duration_band,
        case
            when episodes.source_status != 'both' then
                coalesce(agreement.reason_code, 'D0')
        end as reason_code,
        {{ compared_category('police') }},
        {{ compared_category('authority') }},
        coalesce(episodes.risk_level_police_code, 'none') as police_risk_level,
        case
            when episodes.end_basis_code = 'recorded'
                then coalesce(answered.offered, 'unknown')
        end as interview_offered,
        case
            when episodes.end_basis_code = 'recorded' and answered.offered = 'yes'
                then coalesce(answered.acceptance, 'unknown')
        end as interview_accepted,
        case
            when episodes.end_basis_code = 'recorded'
                then coalesce(answered.held, 'unknown')
        end as interview_held,
        case
            when episodes.end_basis_code = 'recorded' and answered.held = 'yes'
                then coalesce(answered.within_72_hours, 'unknown')
        end as interview_within_72_hours,
        {{ hours_band('episodes') }} as hours_band,
        {{ yes_or_no('episodes.is_over_24_hours_lower') }} as over_24_hours_lower,
        {{ yes_or_no('episodes.is_over_24_hours_upper') }} as over_24_hours_upper,
        substr(cast(100 + month(episodes.start_date) as varchar), 2) as start_month,
        case
            when episodes.end_date > make_date(episodes.reporting_year, 3, 31)
                then 'still_missing'
            when
                episodes.fatal_flag_police_code = 'yes'
                or episodes.fatal_flag_authority_code = 'yes'
                then 'died'
            when episodes.harm_flag_police_code = 'yes' then 'harmed'
            when episodes.is_open then 'still_missing'
            when episodes.end_basis_code = 'recorded'
                then
                    case episodes.harm_flag_police_code
                        when 'no' then 'found_safe' else 'found'
                    end
            else 'unknown'
        end as outcome,
        case
            when not episodes.is_looked_after then 'none'
            when
                legal_statuses.legal_status_group_code
                in (
                    'care_order', 'placement_order', 'accommodated', 'protection',
                    'youth_justice'
                )
                then legal_statuses.legal_status_group_code
            else 'unknown'
        end as legal_status,
        {{ yes_or_no('children.is_uasc') }} as unaccompanied,
        coalesce(episodes.trafficking_flag_police_code, 'none') as trafficking_risk,
    from episodes
    inner join covered_years
        on episodes.reporting_year = covered_years.reporting_year
    left join authorities
        on episodes.authority_version_id = authorities.authority_version_id
    left join categories as police_categories
        on episodes.category_police_code = police_categories.category_code
    left join categories as authority_categories
        on episodes.category_authority_code = authority_categories.category_code
    left join placement_types
        on episodes.placement_type_code = placement_types.placement_type_code
    left join legal_statuses
        on episodes.legal_status_code = legal_statuses.legal_status_code
    left join children on episodes.child_id_register = children.child_id_register
    left join agreement
        on episodes.episode_id_register = agreement.episode_id_register
    left join answered
        on episodes.episode_id_register = answered.episode_id_register
    left join first_ages
        on
            episodes.child_id_register = first_ages.child_id_register
            and episodes.reporting_year = first_ages.reporting_year
    where
        episodes.reporting_year
        <= cast('{{ env_var("REGISTER_RELEASE_YEAR", "9999") }}' as integer)
)

select * from final
