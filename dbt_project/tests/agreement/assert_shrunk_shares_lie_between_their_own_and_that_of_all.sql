-- Fails if an authority's shrunk share does not lie between its own share and the share
-- of all authorities.
with

authorities as (
    select
        *,
        cast(
            sum(both_count) over (partition by collection_year, population_code)
            as double
        )
        / sum(total_count) over (partition by collection_year, population_code)
            as centre_share,
    from {{ ref('agg_agreement_by_area_year') }}
    where area_level_code = 'authority'
),

final as (
    select
        area_code,
        collection_year,
        population_code,
    from authorities
    where
        both_share_shrunk < least(both_share, centre_share) - 0.000001
        or both_share_shrunk > greatest(both_share, centre_share) + 0.000001
)

select * from final
