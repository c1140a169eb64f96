-- A view, because the 2.7 million rows are read only once, when postcodes are assigned
-- to areas.
{{ config(materialized='view') }}

{%- do source('reference', 'postcodes') -%}

with

postcodes as (
    select *
    from {{ read_reference('postcodes') }}
),

final as (
    select
        postcode,
        postcode_district,
        easting,
        northing,
        district_code_ons,
    from postcodes
)

select * from final
