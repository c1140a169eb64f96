-- Fails if a code map has a conformed code that is not in the reference table of its
-- vocabulary. Vocabularies without a reference table are not checked.
with

police_codes as (
    select * from {{ ref('map__police_codes') }}
),

authority_codes as (
    select * from {{ ref('map__authority_codes') }}
),

codes as (
    select
        field_name,
        conformed_code,
    from police_codes
    union distinct
    select
        field_name,
        conformed_code,
    from authority_codes
),

known as (
    select
        'category' as field_name,
        category_code as code,
    from {{ ref('ref__categories') }}
    union all
    select
        'missing_type' as field_name,
        category_code as code,
    from {{ ref('ref__categories') }}
    union all
    select
        'risk' as field_name,
        risk_level_code as code,
    from {{ ref('ref__risk_levels') }}
    union all
    select
        'legal_status' as field_name,
        legal_status_code as code,
    from {{ ref('ref__legal_statuses') }}
    union all
    select
        'placement_type' as field_name,
        placement_type_code as code,
    from {{ ref('ref__placement_types') }}
    union all
    select
        'placement_provider' as field_name,
        placement_provider_code as code,
    from {{ ref('ref__placement_providers') }}
    union all
    select
        'ethnicity' as field_name,
        ethnicity_code as code,
    from {{ ref('ref__ethnicities') }}
    union all
    select distinct
        'ethnicity' as field_name,
        'group_only_' || ethnicity_group_code as code,
    from {{ ref('ref__ethnicities') }}
)

select
    codes.field_name,
    codes.conformed_code,
from codes
left join known
    on
        codes.field_name = known.field_name
        and codes.conformed_code = known.code
where
    known.code is null
    and codes.field_name in (
        'category', 'missing_type', 'risk', 'legal_status', 'placement_type',
        'placement_provider', 'ethnicity'
    )
