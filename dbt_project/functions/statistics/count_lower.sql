{#
    The lower end of the 95 % interval of a count that a few children may dominate. `total` is the
    count, such as a number of absences. `children` is the number of children behind it, and
    `variance` the sum over these children of the square of each child's part. A count of children
    has equal `total`, `variance` and `children`: its interval is then Byar's approximation of the
    exact Poisson interval. A count of absences is wider, because one child may have many (Dobson's
    method). With z = `interval_z`, Byar's lower end of n events is

        n (1 - 1 / (9 n) - z / (3 √n))³

    and the other ends are total + √(variance / children) (end of children - children).

    Sources: Breslow and Day 1987, Statistical Methods in Cancer Research II, 2.11; Dobson and others
    1991, Statistics in Medicine 10:457-462.
#}
case
    when children > 0
        then greatest(
            0.0, least(
                total,
                total + sqrt(cast(variance as double) / children) * (
                    children * power(
                        1 - 1e0 / (9e0 * children)
                        - {{ var('interval_z') }}e0 / (3e0 * sqrt(children)), 3
                    )
                    - children
                )
            )
        )
    when children = 0 then 0.0
end
