with

rates as (
    select * from {{ ref('agg_rates_by_area_year') }}
),

measures as (
    select * from {{ ref('agg_measures_by_area_year') }}
    where basis_code = 'register'
),

areas as (
    select * from {{ ref('areas') }}
),

final as (
    select
        {{ area_year_columns('measures') }},
        rates.measure_code,
        rates.measure_name,
        rates.measure_count,
        rates.rate_unit_code,
        rates.denominator_count,
        rates.rate,
        rates.rate_lower,
        rates.rate_upper,
        rates.earlier_measure_count,
        rates.change_code,
        rates.neighbour_median_rate,
        rates.neighbour_count,
        rates.region_median_rate,
        rates.region_count,
        rates.nation_rate,
    from rates
    {{ join_area_year('measures', 'rates', 'inner') }}
    {{ join_areas('measures') }}
)

select * from final
