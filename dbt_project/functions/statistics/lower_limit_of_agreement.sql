{#
    The lower limit of agreement of two measurements of one quantity: `difference_mean` - z ×
    `deviation`. `upper_limit_of_agreement` adds z × `deviation` instead; z is `interval_z`. If
    differences are normal, 95 of 100 lie between the two limits. The arguments describe the
    differences: their mean, their standard deviation (with divisor n - 1) and their number n
    (`difference_count`). A limit is null for fewer than two differences.

    `mean_half_width` is half the width of the interval of the mean: t s / √n. `limit_half_width` is
    half the width of the interval of a limit: t s √(1/n + z² / (2 (n - 1))). Here s is the standard
    deviation and t comes from `student_t`. Both are null for fewer than four differences.

    Limits and intervals assume that differences are about normal and do not grow with what is
    measured. Durations have long tails, so quantiles are published too.

    Sources: Bland and Altman 1986, Lancet 327:307-310; Bland and Altman 1999, Statistical Methods
    in Medical Research 8:135-160, section 2 (intervals).
#}
case when difference_count > 1 then difference_mean - {{ var('interval_z') }}e0 * deviation end
