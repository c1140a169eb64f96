{#
    The lower end of the interval of a correction factor, the ratio of two shares (`part` / `whole`)
    with independent uncertainties. `part_lower` and `whole_upper` are ends of the shares' own
    intervals: those that make the ratio smaller. Source: method of variance estimates recovery
    (MOVER), Zou and Donner 2008, Statistics in Medicine 27:1693-1702.
#}
part / nullif(whole, 0) - sqrt(
    power(part_lower / nullif(whole, 0) - part / nullif(whole, 0), 2)
    + power(part / nullif(whole_upper, 0) - part / nullif(whole, 0), 2)
)
