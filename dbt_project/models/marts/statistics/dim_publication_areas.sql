-- Authorities and forces that never delivered are not listed, except authorities with a
-- counted absence. In a year without a delivery, a listed area is marked as not
-- available.
with

base as (
    select * from {{ ref('fct_publication_base') }}
),

coverage as (
    select
        *,
        {{ year_ending('period_end') }} as reporting_year,
    from {{ ref('agg_supplier_coverage_by_period') }}
    where feed != 'published_statistics' and period_end is not null
),

years as (
    select distinct
        reporting_year,
        make_date(reporting_year - 1, 4, 1) as first_day,
        make_date(reporting_year, 3, 31) as last_day,
    from base
),

delivered_years as (
    select
        supplier_code,
        reporting_year,
        bool_or(is_delivered) as is_available,
        bool_and(is_delivered or not is_expected) as is_complete,
    from coverage
    group by supplier_code, reporting_year
),

listed as (
    select supplier_code from coverage
    where is_delivered
    union distinct
    select authority_code_dfe as supplier_code from base
),

active_years as (
    select distinct
        authority_code_dfe,
        reporting_year,
    from base
),

authority_versions as (
    select
        years.reporting_year,
        authorities.*,
    from {{ ref('dim_authorities') }} as authorities
    inner join years on authorities.valid_from <= years.last_day
    inner join listed on authorities.authority_code_dfe = listed.supplier_code
    left join active_years
        on
            authorities.authority_code_dfe = active_years.authority_code_dfe
            and years.reporting_year = active_years.reporting_year
    where
        authorities.authority_code_dfe != 'unknown'
        and (
            authorities.valid_to is null
            or authorities.valid_to >= years.first_day
            or active_years.reporting_year is not null
        )
    qualify row_number() over (
        partition by years.reporting_year, authorities.authority_code_dfe
        order by authorities.valid_from desc
    ) = 1
),

force_versions as (
    select
        years.reporting_year,
        forces.*,
    from {{ ref('dim_police_forces') }} as forces
    inner join years on forces.valid_from <= years.last_day
    inner join listed on forces.police_force_code = listed.supplier_code
    where forces.police_force_code like 'E23%'
    qualify row_number() over (
        partition by years.reporting_year, forces.police_force_code
        order by forces.valid_from desc
    ) = 1
),

{% for bodies, body in {
    'authorities': 'authority', 'forces': 'force'
}.items() %}
    {{ bodies }} as (
        select
            versions.reporting_year,
            {% if body == 'authority' %}
                'Local authority' as geographic_level,
                versions.authority_code_dfe as area_code,
                versions.authority_name as area_name,
                versions.authority_code_ons as area_code_ons,
                versions.region_code_ons as parent_code,
                versions.region_name as parent_name,
            {% else %}
                'Police force area' as geographic_level,
                versions.police_force_code as area_code,
                versions.police_force_name as area_name,
                versions.police_force_code as area_code_ons,
                'E92000001' as parent_code,
                'England' as parent_name,
            {% endif %}
            versions.police_force_code,
            coalesce(delivered.is_available, false) as is_available,
            coalesce(delivered.is_complete, false) as is_complete,
        from {{ body }}_versions as versions
        left join delivered_years as delivered
            on
                {{ 'versions.authority_code_dfe' if body == 'authority'
                    else 'versions.police_force_code' }} = delivered.supplier_code
                and versions.reporting_year = delivered.reporting_year
    ),
{% endfor %}

regional_bodies as (
    select
        reporting_year,
        parent_code as region_code,
        parent_name as region_name,
        is_available,
        is_complete,
    from authorities
),

regions as (
    select
        reporting_year,
        'Regional' as geographic_level,
        region_code as area_code,
        region_name as area_name,
        region_code as area_code_ons,
        case when region_code like 'E13%' then 'E12000007' else 'E92000001' end
            as parent_code,
        case when region_code like 'E13%' then 'London' else 'England' end
            as parent_name,
        cast(null as varchar) as police_force_code,
        bool_or(is_available) as is_available,
        bool_and(is_complete) as is_complete,
    from regional_bodies
    group by reporting_year, region_code, region_name
),

london as (
    select
        reporting_year,
        'Regional' as geographic_level,
        'E12000007' as area_code,
        'London' as area_name,
        'E12000007' as area_code_ons,
        'E92000001' as parent_code,
        'England' as parent_name,
        cast(null as varchar) as police_force_code,
        bool_or(is_available) as is_available,
        bool_and(is_complete) as is_complete,
    from regions
    where parent_code = 'E12000007'
    group by reporting_year
),

bodies as (
    select * from authorities
    union all
    select * from forces
),

nation as (
    select
        reporting_year,
        'National' as geographic_level,
        'E92000001' as area_code,
        'England' as area_name,
        'E92000001' as area_code_ons,
        cast(null as varchar) as parent_code,
        cast(null as varchar) as parent_name,
        cast(null as varchar) as police_force_code,
        bool_or(is_available) as is_available,
        bool_and(is_complete) as is_complete,
    from bodies
    group by reporting_year
),

final as (
    select * from nation
    union all
    select * from regions
    union all
    select * from london
    union all
    select * from bodies
)

select
    reporting_year || '|' || geographic_level || '|' || area_code as area_year_id,
    *,
from final
