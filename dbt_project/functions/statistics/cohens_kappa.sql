{#
    Cohen's kappa of two sources that each say yes or no: agreement beyond what their own shares of
    yes would give by chance (Cohen 1960, Educational and Psychological Measurement 20:37-46). `a`
    both yes, `b` the first alone yes, `c` the second alone, `d` both no:

        kappa = (po - pe) / (1 - pe) = 2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d))

    Null where both give one answer throughout: no agreement beyond chance is possible. A rare
    category makes kappa low however well the sources agree (Feinstein and Cicchetti 1990); compare
    with `gwets_ac1`.

    Its standard error for an interval, which does not suppose kappa 0 (Fleiss, Cohen and Everitt
    1969, Psychological Bulletin 72:323-327, formula 13), is the root of

        (Σ pii (1 - (p1 + p2)(1 - k))² + (1 - k)² Σ pij (pi + pj)² - (k - pe (1 - k))²)
        / (n (1 - pe)²)

    with p1 and p2 the two sources' shares of the cell's answer. It is 0, as if the counts were
    certain, where the two agree throughout or one of them gives one answer throughout: null there,
    and where kappa is. The interval (`agreement_intervals.sql`) holds there too.
#}
2.0 * (cast(a as double) * d - cast(b as double) * c)
/ nullif(cast(a + b as double) * (b + d) + cast(a + c as double) * (c + d), 0)
