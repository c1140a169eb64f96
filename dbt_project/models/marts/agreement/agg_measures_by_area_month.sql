-- A child counts in every month in which one of their absences starts.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

reported_absences as (
    select * from {{ ref('int_reported_absences') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

flagged as (
    {{ episode_flags(
        'start_month', "cast(" ~ dbt.date_trunc('month', 'start_date') ~ " as date)"
    ) }}
),

alike as (
    {{ alike_children('flagged', 'start_month') }}
),

placed as (
    {{ placed_in_areas('alike') }}
),

children as (
    {{ child_area_counts('placed', 'start_month') }}
),

counted as (
    {{ area_counts('children', 'start_month') }}
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'start_month', 'population_code',
            'basis_code',
        ]) }} as area_measure_id,
        *,
    from counted
)

select * from final
