{#
    How often a sign occurs in a group: `shown` of `size` cases, shrunk towards the rate of all
    groups together (`all_shown` of `all_size`). The group counts as if it had `prior` more cases at
    that rate. Half a case with the sign and half a case without are added to the cases of all
    groups, so that their rate is never 0 or 1. Source: Jeffreys 1946, Proceedings of the Royal
    Society A 186:453-461 (half cases).
#}
(shown + prior * (all_shown + 0.5) / (all_size + 1.0)) / (size + prior)
