{#
    How often a sign shows in a group (`pooled_rate`): of the group's `size`, drawn towards the rate
    of all groups as if by `prior` more; the rate of all has half a case added on either side
    (Jeffreys 1946, Proceedings of the Royal Society A 186:453-461), so that it is never 0 or 1.

    `excess_share`: of the cases that show the sign, the share beyond what the rate of the controls
    lets one expect, 1 - 1 / odds ratio (the attributable fraction among the exposed: Miettinen
    1974, American Journal of Epidemiology 99:325-332). With the likelihood ratio LR = cases' rate /
    controls' rate it is (1 - 1 / LR) / (1 - controls' rate): at least 1/2 where LR is at least 2.

    `excess_share_lower`: the same at the lower bound of the odds ratio, `deviate` standard errors
    of its logarithm below it (Woolf 1955, Annals of Human Genetics 19:251-253).
#}
(shown + prior * (all_shown + 0.5) / (all_size + 1.0)) / (size + prior)
