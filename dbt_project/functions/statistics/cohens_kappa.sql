{#
    Cohen's kappa of two sources that each answer yes or no: how much more they agree than chance
    would make them, given each source's own share of yes. The arguments count pairs of answers: `a`
    both yes, `b` only the first source yes, `c` only the second source yes, `d` both no.

        kappa = (po - pe) / (1 - pe) = 2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d))

    Here po is the share of pairs that agree, and pe the share that would agree by chance. Kappa is
    null without any pair, and where both sources always give the same single answer: more agreement
    than chance gives is then impossible. A rare answer makes kappa low however well the sources
    agree, so compare it with `gwets_ac1`.

    Sources: Cohen 1960, Educational and Psychological Measurement 20:37-46; Feinstein and Cicchetti
    1990, Journal of Clinical Epidemiology 43:543-549 (rare answers).
#}
2.0 * (cast(a as double) * d - cast(b as double) * c)
/ nullif(cast(a + b as double) * (b + d) + cast(a + c as double) * (c + d), 0)
