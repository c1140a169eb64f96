-- Fails when the cells of agreement leave out or repeat rows of the fact.
with

cells as (
    select sum(total_count) as total_count
    from {{ ref('agg_agreement_by_authority_year') }}
),

facts as (
    select count(*) as total_count
    from {{ ref('fct_agreement') }}
),

final as (
    select facts.total_count
    from facts
    cross join cells
    where facts.total_count != coalesce(cells.total_count, 0)
)

select * from final
