-- Fails when a share of few is drawn past the share of all, or away from it, or where
-- there are many and none is drawn.
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

outside as (
    select count(*) as outside_count
    from authorities
    where
        both_share_shrunk < least(both_share, centre_share) - 0.000001
        or both_share_shrunk > greatest(both_share, centre_share) + 0.000001
),

drawn as (
    select
        count(case when abs(both_share_shrunk - both_share) > 0.000001 then 1 end)
            as drawn_count,
        count(*) as share_count,
    from authorities
),

final as (
    select
        outside.outside_count,
        drawn.drawn_count,
    from outside
    cross join drawn
    where
        outside.outside_count > 0
        or (drawn.drawn_count = 0 and drawn.share_count > 100)
)

select * from final
