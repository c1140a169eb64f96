-- Absences that the department's rules count, with the characteristics of their
-- episodes. There are two sets of rows: all absences that authorities reported, and
-- again the absences of returns alone (`is_return`). Days are counted by the
-- authority's own dates, up to 31 March.
with

authority_years as (
    select * from {{ ref('int_authority_years') }}
    where is_in_being and coverage_code != 'none'
),

report_episodes as (
    select * from {{ ref('int_report_episodes') }}
),

reports as (
    {{ returned_reports(ref('int_report_intervals')) }}
),

episodes as (
    select * from {{ ref('int_episodes') }}
),

reported_absences as (
    select * from {{ ref('int_reported_absences') }}
    where source = 'authority' and category_code in ('missing', 'away')
),

children as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null
),

bands as (
    select * from {{ ref('ref__duration_bands') }}
    where measure = 'dfe'
),

placement_types as (
    select * from {{ ref('ref__placement_types') }}
),

absences as (
    select
        episode_id_register,
        child_id_register,
        coalesce(other_authority_code_dfe, authority_code_dfe) as authority_code_dfe,
        collection_year,
        category_code,
        start_date as first_date,
        end_date,
        case
            when care_status_code = 'looked_after' and other_authority_code_dfe is null
                then 1
            else 0
        end as is_register,
        1 as is_any_care,
        0 as is_return,
    from reported_absences
    union all
    select
        report_episodes.episode_id_register,
        reports.child_id_register,
        reports.supplier_code as authority_code_dfe,
        reports.collection_year,
        reports.category_code,
        reports.start_date as first_date,
        {{ function('london_date') }}(reports.end_lower_at) as end_date,
        0 as is_register,
        0 as is_any_care,
        1 as is_return,
    from reports
    left join report_episodes on reports.report_key = report_episodes.report_key
),

timed as (
    select
        *,
        {% set year_end = collection_end_date('collection_year') -%}
        {{ elapsed_days(
            'first_date',
            'least(coalesce(end_date, ' ~ year_end ~ '), ' ~ year_end ~ ')'
        ) }} as day_count,
    from absences
),

final as (
    select
        timed.*,
        {{ age_band_of('episodes.age_at_start') }} as age_band_code,
        coalesce(children.sex_code, 'unknown') as sex_code,
        coalesce(children.ethnicity_group_code, 'unknown') as ethnicity_group_code,
        coalesce(children.ethnicity_code, 'unknown') as ethnicity_code,
        coalesce(bands.band_code, 'unknown') as duration_band_code,
        coalesce(placement_types.placement_group_code, 'unknown')
            as placement_group_code,
        {{ boundary_of('episodes.is_out_of_area') }} as boundary_code,
    from timed
    inner join authority_years
        on
            timed.authority_code_dfe = authority_years.authority_code_dfe
            and timed.collection_year = authority_years.collection_year
    left join episodes on timed.episode_id_register = episodes.episode_id_register
    left join children on timed.child_id_register = children.child_id_register
    left join bands
        on
            timed.day_count >= bands.lower
            and timed.day_count < coalesce(bands.upper, 1000000)
    left join placement_types
        on episodes.placement_type_code = placement_types.placement_type_code
)

select * from final
