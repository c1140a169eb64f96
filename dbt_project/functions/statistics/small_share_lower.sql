{#
    The lower end of the interval of a share, `successes` of `trials`: Wilson's interval, extended
    for 1 to 3 successes, where it is too short. For these, the end is at most λ / `trials`, where λ
    is the Poisson mean that reaches this number of successes with probability 1/20.
    `small_share_upper` is 1 minus the lower end for the failures. Without trials the interval is 0
    to 1.

    Source: Brown, Cai and DasGupta 2001, Statistical Science 16:101-133, section 4.1.1.
#}
least(
    coalesce({{ function('wilson_lower') }}(successes, trials), 0.0),
    coalesce(
        case successes
            when 1 then 0.0512932943876e0
            when 2 then 0.3553615106987e0
            when 3 then 0.8176914471176e0
        end / nullif(trials, 0),
        1.0
    )
)
