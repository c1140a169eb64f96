-- The day up to which all suppliers of an area have delivered a year, by source.
-- Suppliers that never deliver are left out. The suppliers of a force area are the
-- force and the authorities in its area. The suppliers of any other area are its
-- authorities and their forces.
with

years as (
    {{ collection_years(ref('int_days')) }}
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

periods as (
    select * from {{ ref('int_authority_periods') }}
),

authority_years as (
    select distinct
        periods.authority_code_dfe,
        years.collection_year,
    from periods
    inner join years
        on
            periods.valid_from <= years.last_day
            and coalesce(periods.valid_to, years.last_day) >= years.first_day
),

-- A supplier that delivered nothing for a year counts as delivered up to the day before
-- that year. An authority has no row for a year in which it did not exist.
supplier_years as (
    select
        spans.source,
        spans.supplier_code,
        years.collection_year,
        years.last_day,
        greatest(
            max(
                case
                    when spans.covered_from_date <= years.last_day
                        then least(spans.covered_to_date, years.last_day)
                end
            ),
            {{ dbt.dateadd('day', -1, 'years.first_day') }}
        ) as delivered_to_date,
    from spans
    cross join years
    left join authority_years
        on
            spans.supplier_code = authority_years.authority_code_dfe
            and years.collection_year = authority_years.collection_year
    where spans.source = 'police' or authority_years.authority_code_dfe is not null
    group by
        spans.source,
        spans.supplier_code,
        years.collection_year,
        years.first_day,
        years.last_day
),

area_suppliers as (
    select
        area_level_code,
        area_code,
        'authority' as source,
        authority_code_dfe as supplier_code,
    from areas
    union distinct
    select
        areas.area_level_code,
        areas.area_code,
        'police' as source,
        periods.police_force_code as supplier_code,
    from areas
    inner join periods on areas.authority_code_dfe = periods.authority_code_dfe
    union distinct
    select
        'police_force' as area_level_code,
        police_force_code as area_code,
        'authority' as source,
        authority_code_dfe as supplier_code,
    from periods
    union distinct
    select distinct
        'police_force' as area_level_code,
        supplier_code as area_code,
        'police' as source,
        supplier_code,
    from spans
    where source = 'police'
),

area_years as (
    select
        area_suppliers.area_level_code,
        area_suppliers.area_code,
        supplier_years.collection_year,
        supplier_years.last_day,
        {% for source in ['police', 'authority'] %}
            cast(min(
                case
                    when supplier_years.source = '{{ source }}'
                        then supplier_years.delivered_to_date
                end
            ) as date) as {{ source }}_delivered_to_date,
        {% endfor %}
    from area_suppliers
    inner join supplier_years
        on
            area_suppliers.source = supplier_years.source
            and area_suppliers.supplier_code = supplier_years.supplier_code
    group by
        area_suppliers.area_level_code,
        area_suppliers.area_code,
        supplier_years.collection_year,
        supplier_years.last_day
),

final as (
    select
        area_level_code,
        area_code,
        collection_year,
        police_delivered_to_date,
        authority_delivered_to_date,
        coalesce(
            least(police_delivered_to_date, authority_delivered_to_date) = last_day
            and police_delivered_to_date is not null
            and authority_delivered_to_date is not null,
            false
        ) as is_year_delivered,
    from area_years
)

select * from final
