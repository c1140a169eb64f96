{#
    Chapman's estimate of all absences (`chapman_estimate`), if one source informs the other.
    `odds_ratio` is the odds that the authority records an absence if the police recorded it,
    divided by the odds if they did not. A ratio of 1 is Chapman's own estimate; a higher ratio
    means that more absences are unrecorded. The counts of two sources do not tell the ratio, so the
    estimate is given for several assumed ratios (`ref__source_dependence`).

    Sources: International Working Group for Disease Monitoring and Forecasting 1995, American
    Journal of Epidemiology 142:1047-1058 (what two sources cannot tell); Gerritse, van der Heijden
    and Bakker 2015, Journal of Official Statistics 31:357-379 (assumed odds ratios).
#}
both_count + police_only_count + authority_only_count
+ {{ function('unrecorded_absences') }}(both_count, police_only_count, authority_only_count, odds_ratio)
