-- Releases repeat earlier years, and the latest release counts. Authorities are
-- identified by their three-digit code, because an authority's ONS code can change.
with

figures as (
    select * from {{ ref('stg_published_statistics__figures') }}
),

measures as (
    select * from {{ ref('map__published_measures') }}
),

placed as (
    select
        figures.*,
        measures.measure_code,
        case
            when figures.geographic_level_code = 'national' then 'nation'
            when figures.geographic_level_code = 'authority' then 'authority'
            when figures.region_code_ons in ('E13000001', 'E13000002') then 'sub_region'
            else 'region'
        end as area_level_code,
        case figures.geographic_level_code
            when 'national' then figures.country_code_ons
            when 'authority' then figures.authority_code_dfe
            else figures.region_code_ons
        end as area_code,
    from figures
    inner join measures
        on lower(trim(figures.measure_name)) = lower(measures.measure_name)
    where figures.geographic_level_code != 'unmapped'
),

ranked as (
    select
        *,
        row_number() over (
            partition by area_level_code, area_code, collection_year, measure_code
            order by
                period desc,
                received_at desc,
                _delivery_id desc,
                _file desc,
                _row_number desc
        ) as release_rank,
    from placed
),

final as (
    select
        area_level_code,
        area_code,
        collection_year,
        measure_code,
        figure as published_figure,
        symbol_code as published_symbol_code,
        source_value as published_value,
        period as release_period,
        _delivery_id as delivery_id,
        _file as file_name,
        _row_number as row_number,
    from ranked
    where release_rank = 1
)

select * from final
