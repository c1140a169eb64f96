-- A figure is a number or a symbol, never both.
with

landed as (
    select *
    from {{ landed() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.time_period as year_ending,
        {{ statistics_collection_year('landed.time_period') }} as collection_year,
        landed.time_identifier,
        case
            when lower(landed.geographic_level) = 'national' then 'national'
            when lower(landed.geographic_level) = 'regional' then 'regional'
            when lower(landed.geographic_level) = 'local authority' then 'authority'
            else 'unmapped'
        end as geographic_level_code,
        landed.country_code as country_code_ons,
        landed.country_name,
        landed.region_code as region_code_ons,
        landed.region_name,
        landed.old_la_code as authority_code_dfe,
        landed.la_name as authority_name,
        landed.new_la_code as authority_code_ons,
        landed.measure as measure_name,
        {{ published_figure('landed.value') }} as figure,
        {{ published_symbol('landed.value') }} as symbol_code,
        landed.value as source_value,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
)

select * from final
