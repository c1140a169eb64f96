{#
    Cohen's kappa of two sources that each answer yes or no: how much more they agree than chance
    would make them, given each source's own share of yes. The arguments count pairs of answers: `a`
    both yes, `b` only the first source yes, `c` only the second source yes, `d` both no.

        kappa = (po - pe) / (1 - pe) = 2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d))

    Here po is the share of pairs that agree, and pe the share that would agree by chance. Kappa is
    null without any pair, and where both sources always give the same single answer: more agreement
    than chance gives is then impossible. A rare category makes kappa low however well the sources
    agree, so compare it with `gwets_ac1`.

    `cohens_kappa_error` is the standard error of kappa (k) for an interval; unlike the error for a
    test, it does not assume that kappa is 0. With n pairs it is the root of

        (Σ pii (1 - (p1 + p2)(1 - k))² + (1 - k)² Σ pij (pi + pj)² - (k - pe (1 - k))²)
        / (n (1 - pe)²)

    The first sum is over the two cells that agree: pii is the cell's share, and p1 and p2 are the
    shares with which the first and the second source give its answer. The second sum is over the
    two cells that disagree: pij is the cell's share, pi the second source's share of the first
    source's answer, and pj the reverse. The error is null where kappa is, and where the formula
    gives 0, as if the counts were certain: where the sources agree on every pair, where one of them
    always gives the same answer, and where they only disagree, equally often each way.
    `cohens_kappa_lower` and `cohens_kappa_upper` (`small_share_lower.sql`) give an interval even
    where the error is null.

    Sources: Cohen 1960, Educational and Psychological Measurement 20:37-46; Feinstein and Cicchetti
    1990 (rare categories); Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323-327,
    formula 13.
#}
2.0 * (cast(a as double) * d - cast(b as double) * c)
/ nullif(cast(a + b as double) * (b + d) + cast(a + c as double) * (c + d), 0)
