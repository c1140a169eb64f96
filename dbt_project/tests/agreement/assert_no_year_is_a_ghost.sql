-- Fails if a table of measures has a row for a year for which no source can have data:
-- an unknown year, a year before the counted years, or a year that began after the
-- latest delivery. Tables of figures that the department published are not checked.
{% set marts = [
    'agg_agreement_by_area_year', 'agg_agreement_by_authority_force_month',
    'agg_agreement_by_authority_year', 'agg_agreement_by_linkage',
    'agg_agreement_corrected_by_linkage', 'agg_capture_recapture_by_area_year',
    'agg_characteristics_by_area_year', 'agg_duration_agreement_by_area_year',
    'agg_field_agreement_by_area_year', 'agg_lags_by_area_year',
    'agg_measures_by_area_year', 'agg_police_facts_by_area_year',
    'agg_repeat_absences_by_area_year', 'agg_return_interviews_by_area_year',
    'fct_episodes',
] %}
with

known_on as (
    select max({{ function('london_date') }}(received_at)) as last_day
    from {{ ref('stg_ledger__deliveries') }}
),

years as (
    {% for mart in marts %}
        select distinct
            '{{ mart }}' as mart_name,
            collection_year,
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        years.mart_name,
        years.collection_year,
    from years
    cross join known_on
    where
        years.collection_year = 'unknown'
        or not {{ function('is_in_counted_years') }}(
            {{ collection_start_date('years.collection_year') }}
        )
        or {{ collection_start_date('years.collection_year') }} > known_on.last_day
)

select * from final
