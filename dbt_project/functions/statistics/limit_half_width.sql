{#
    Half the width of the interval of a limit of agreement: t s √(1/n + z² / (2 (n - 1))). Here s is
    `deviation`, the standard deviation of the differences, n is `difference_count`, t comes from
    `student_t`, and z is `interval_z`. Null for fewer than four differences. Source: Bland and
    Altman 1999, Statistical Methods in Medical Research 8:135-160, section 2.
#}
{{ function('student_t') }}(difference_count - 1) * deviation * sqrt(
    1.0 / difference_count + {{ var('interval_z') ** 2 / 2 }}e0 / nullif(difference_count - 1, 0)
)
