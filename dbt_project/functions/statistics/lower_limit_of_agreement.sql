{#
    The lower limit of agreement of two measurements of one quantity: `difference_mean` - z ×
    `deviation`. `upper_limit_of_agreement` adds z × `deviation` instead; z is `interval_z`. If
    differences are normal, 95 of 100 lie between the two limits. The arguments describe the
    differences: their mean, their standard deviation (with divisor n - 1) and their number n
    (`difference_count`). A limit is null for fewer than two differences.

    The limits assume that differences are about normal and do not grow with what is measured.
    Durations have long tails, so quantiles are published too.

    Source: Bland and Altman 1986, Lancet 327:307-310.
#}
case when difference_count > 1 then difference_mean - {{ var('interval_z') }}e0 * deviation end
