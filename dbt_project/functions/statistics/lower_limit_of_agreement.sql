{#
    Limits of agreement of two measurements of one quantity: 95 of 100 differences lie between mean
    - z s and mean + z s (Bland and Altman 1986, Lancet 327:307-310). The mean's interval is mean ±
    t s/√n; a limit's is limit ± t s √(1/n + z² / (2 (n - 1))) (Bland and Altman 1999, Statistical
    Methods in Medical Research 8:135-160, section 2). They suppose differences without a trend
    in size, about normal; durations have long tails, so quantiles are published too.

    `mean`, `deviation` (with n - 1) and `count` are of the differences. A limit is null for fewer
    than two differences, an interval for fewer than four (`student_t`).
#}
case when difference_count > 1 then difference_mean - {{ var('interval_z') }}e0 * deviation end
