-- Fails if shrinkage differs from Stein's published example: batting averages of the
-- first 45 at bats. 0.400 and 0.156 become 0.294 and 0.242, by a factor of 0.212 around
-- 0.265. This factor is n / (n + M) for a prior worth M cases. Source: Efron and Morris
-- 1977, Scientific American 236:119-127.
with

players as (
    select
        18 as hits,
        0.294 as expected,
    union all
    select
        7 as hits,
        0.242 as expected,
),

priors as (
    select
        0.2654 as centre,
        -- The prior is worth M = 45 (1 - 0.212) / 0.212 cases; the correlation is 1 /
        -- (M + 1).
        1 / (45 * 0.788 / 0.212 + 1) as players_correlation,
),

found as (
    select
        players.expected,
        {{ function('shrunk_share') }}(
            players.hits, 45, priors.centre, priors.players_correlation
        ) as actual,
    from players
    cross join priors
),

final as (
    select * from found
    where round(actual, 3) != expected
)

select * from final
