-- In London, an authority belongs to Inner or Outer London as its sub-region and to
-- London as its region. So the regions add up to the nation.
with

authorities as (
    select distinct
        authority_code_dfe,
        region_code_ons,
    from {{ ref('int_authority_periods') }}
),

known as (
    select
        authority_code_dfe,
        region_code_ons,
        {{ whole_region_code('region_code_ons') }} as whole_region_code_ons,
    from authorities
    union all
    select
        'unknown' as authority_code_dfe,
        'unknown' as region_code_ons,
        'unknown' as whole_region_code_ons,
),

final as (
    select
        authority_code_dfe,
        'nation' as area_level_code,
        'E92000001' as area_code,
    from known
    union all
    select
        authority_code_dfe,
        'region' as area_level_code,
        whole_region_code_ons as area_code,
    from known
    union all
    select
        authority_code_dfe,
        'sub_region' as area_level_code,
        region_code_ons as area_code,
    from known
    where region_code_ons != whole_region_code_ons
    union all
    select
        authority_code_dfe,
        'authority' as area_level_code,
        authority_code_dfe as area_code,
    from known
)

select * from final
