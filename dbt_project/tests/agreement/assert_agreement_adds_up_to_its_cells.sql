-- Fails if the cells of a table of agreement do not add up to the rows of
-- `fct_agreement` that are in scope. For areas, every level except the parts of London
-- is checked, both for every child and by care status.
with

cells as (
    select
        'by authority, force and month' as table_name,
        sum(total_count) as total_count,
    from {{ ref('agg_agreement_by_authority_force_month') }}
    union all
    select
        'by authority and year' as table_name,
        sum(total_count) as total_count,
    from {{ ref('agg_agreement_by_authority_year') }}
    {% for level in ['nation', 'region', 'authority', 'police_force'] %}
        union all
        select
            'by {{ level }}, every child' as table_name,
            sum(total_count) as total_count,
        from {{ ref('agg_agreement_by_area_year') }}
        where area_level_code = '{{ level }}' and population_code = 'every_child'
        union all
        select
            'by {{ level }} and care' as table_name,
            sum(total_count) as total_count,
        from {{ ref('agg_agreement_by_area_year') }}
        where
            area_level_code = '{{ level }}'
            and population_code in ('looked_after', 'home', 'unknown')
    {% endfor %}
),

facts as (
    select count(*) as total_count
    from {{ ref('fct_agreement') }}
    where is_in_scope
),

final as (
    select
        cells.table_name,
        cells.total_count as cells_count,
        facts.total_count as facts_count,
    from facts
    cross join cells
    where facts.total_count != coalesce(cells.total_count, 0)
)

select * from final
