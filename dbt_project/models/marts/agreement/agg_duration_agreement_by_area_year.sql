-- How much longer the authority has a child away than the police, where both saw the
-- end. Dates bound a duration: the difference lies between two bounds, and the limits
-- are given for the middle and, outside them, for the bounds.
with

agreement as (
    select * from {{ ref('fct_agreement') }}
    where status = 'both'
),

summaries as (
    select * from {{ ref('int_episode_reports_summarised') }}
),

areas as (
    select * from {{ ref('int_authority_areas_listed') }}
),

populations as (
    {{ populations_by_care() }}
),

bounded as (
    select
        agreement.authority_code_dfe,
        agreement.police_force_code,
        agreement.collection_year,
        agreement.care_status_code,
        coalesce(agreement.is_out_of_area, false) as is_out_of_area,
        {% for source in ['police', 'authority'] %}
            greatest({{ hours_between(
                'summaries.' ~ source ~ '_start_upper_at',
                'summaries.' ~ source ~ '_end_lower_at'
            ) }}, 0.0) as {{ source }}_hours_lower,
            {{ hours_between(
                'summaries.' ~ source ~ '_start_lower_at',
                'summaries.' ~ source ~ '_end_upper_at'
            ) }} as {{ source }}_hours_upper,
        {% endfor %}
    from agreement
    inner join summaries
        on agreement.episode_id_register = summaries.episode_id_register
    where
        summaries.police_end_lower_at is not null
        and summaries.authority_end_lower_at is not null
),

compared as (
    select
        *,
        authority_hours_lower - police_hours_upper as difference_lower,
        authority_hours_upper - police_hours_lower as difference_upper,
        (
            authority_hours_lower - police_hours_upper
            + authority_hours_upper - police_hours_lower
        ) / 2 as difference_middle,
    from bounded
),

placed as (
    {{ placed_in_areas('compared') }}
),

counted as (
    {{ duration_differences('placed', 'populations') }}
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'collection_year', 'population_code',
        ]) }} as duration_agreement_id,
        *,
        {{ limits_of_agreement(
            'difference', 'difference_mean', 'difference_deviation', 'difference_count'
        ) }},
        {{ limit_of_agreement(
            'difference_lower_mean', 'difference_lower_deviation', 'difference_count',
            '-'
        ) }} as difference_lowest_limit,
        {{ limit_of_agreement(
            'difference_upper_mean', 'difference_upper_deviation', 'difference_count',
            '+'
        ) }} as difference_highest_limit,
    from counted
)

select * from final
