{#
    How often a sign occurs in a group: `shown` of `size` cases, shrunk towards the rate of all
    groups (`all_shown` of `all_size`), as if the group had `prior` more cases at that rate. Half a
    case with the sign and half a case without are added to all groups, so that the rate is never 0
    or 1.

    `excess_share` concerns the cases that show the sign: it is the share of them that exceeds what
    the controls' rate predicts, 1 - 1 / odds ratio (the attributable fraction among the exposed).
    With the likelihood ratio LR = `case_rate` / `control_rate`, it is (1 - 1 / LR) / (1 -
    `control_rate`). So it is at least 1/2 where LR is at least 2.

    `excess_share_lower` is `excess_share` at the lower bound of the odds ratio. The logarithm of
    the bound lies `deviate` standard errors below the logarithm of the ratio.

    Sources: Jeffreys 1946, Proceedings of the Royal Society A 186:453-461 (half cases); Miettinen
    1974, American Journal of Epidemiology 99:325-332 (attributable fraction); Woolf 1955, Annals of
    Human Genetics 19:251-253 (standard error).
#}
(shown + prior * (all_shown + 0.5) / (all_size + 1.0)) / (size + prior)
