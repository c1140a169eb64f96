-- Fails if a postcode in England has no authority, or one in Wales has no police force.
with

postcodes as (
    select * from {{ ref('int_postcode_areas') }}
)

select
    district_code_ons,
    count(*) as postcode_count,
from postcodes
where
    (district_code_ons like 'E%' and authority_code_dfe is null)
    or (district_code_ons like 'W0%' and police_force_code is null)
group by district_code_ons
