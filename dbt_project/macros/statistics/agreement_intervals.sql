{#
    Intervals of Cohen's kappa and of Gwet's AC1 that hold for few pairs and at the boundary, where
    the standard error of either is 0 (one answer throughout, or full agreement).

    The four cells of two sources are three independent shares: `d` of the pairs on which they
    disagree, of the agreed that are yes, and of the disagreed where the first says yes. With the
    last two as `u` and `v`, share of yes less share of no (-1 to 1), the coefficients are

        AC1   = 1 - 2 d / (1 + ((1 - d) u)²)
        kappa = 1 - 2 d / (1 - ((1 - d) u)² + (d v)²)

    Both fall with d. As u leaves 0, AC1 rises and kappa falls; as v leaves it, kappa rises. An end
    is the coefficient less or plus the root of the sum of squares of what each share, at the end
    of its own interval, would move it (MOVER: Zou and Donner 2008, Statistics in Medicine
    27:1693-1702; Donner and Zou 2012, Statistical Methods in Medical Research 21:347-359). What u
    and v move kappa by depends on d, not at all at d = 0: the larger counts, at d or at its end.

    The interval of a share is Wilson's as modified for 1 to 3 of n, where Wilson's own is too
    short: there the end near 0 is at most the Poisson limit λ / n that one of twenty falls short of
    (Brown, Cai and DasGupta 2001, Statistical Science 16:101-133, section 4.1.1). Without trials it
    is 0 to 1. How often the intervals hold: docs/agreement-statistics.md, measured in
    tests/dbt/statistics/test_small_cells.py.

    Null where the coefficient is: kappa has none where both sources give one answer throughout.
#}
{% macro agreement_interval_functions() -%}
    {%- set poisson_limits = {1: 0.0512932943876, 2: 0.3553615106987, 3: 0.8176914471176} -%}
    {% call database_function('small_share_lower', ['successes', 'trials']) %}
        least(
            coalesce(wilson_lower(successes, trials), 0.0),
            coalesce(
                case successes
                    {%- for count, limit in poisson_limits.items() %}
                    when {{ count }} then {{ limit }}e0
                    {%- endfor %}
                end / nullif(trials, 0),
                1.0
            )
        )
    {% endcall %}
    {% call database_function('small_share_upper', ['successes', 'trials']) %}
        1.0 - small_share_lower(trials - successes, trials)
    {% endcall %}
    {#- Share of yes less share of no: as counted, nearest to 0 in its interval, farthest from it. -#}
    {% call database_function('lean', ['yes_count', 'no_count']) %}
        coalesce(cast(yes_count - no_count as double) / nullif(yes_count + no_count, 0), 0.0)
    {% endcall %}
    {% call database_function('least_lean', ['yes_count', 'no_count']) %}
        greatest(
            0.0, 2 * small_share_lower(greatest(yes_count, no_count), yes_count + no_count) - 1
        )
    {% endcall %}
    {% call database_function('most_lean', ['yes_count', 'no_count']) %}
        2 * small_share_upper(greatest(yes_count, no_count), yes_count + no_count) - 1
    {% endcall %}
    {% call database_function('ac1_of_shares', ['disagreed', 'agreed_lean']) %}
        1 - 2 * disagreed / (1 + power((1 - disagreed) * agreed_lean, 2))
    {% endcall %}
    {% call database_function(
        'kappa_of_shares', ['disagreed', 'agreed_lean', 'disagreed_lean']
    ) %}
        1 - 2 * disagreed / nullif(
            1 - power((1 - disagreed) * agreed_lean, 2) + power(disagreed * disagreed_lean, 2), 0
        )
    {% endcall %}
    {{ coefficient_interval_functions() }}
{%- endmacro %}

{#-
    The ends of either coefficient. A step that would move an end inwards, or that is null for want
    of a coefficient at the end of a share, moves it nowhere.
-#}
{% macro coefficient_interval_functions() -%}
    {%- set d = 'cast(b + c as double) / nullif(a + b + c + d, 0)' -%}
    {%- set u, v = 'lean(a, d)', 'lean(b, c)' -%}
    {%- for name, sign, edge in [('lower', '-', '-1.0'), ('upper', '+', '1.0')] %}
    {%- set outer = 'greatest' if name == 'lower' else 'least' %}
    {%- set step = 'from_measure - to_measure' if name == 'lower' else 'to_measure - from_measure' %}
    {%- set end = ('small_share_upper' if name == 'lower' else 'small_share_lower')
        ~ '(b + c, a + b + c + d)' %}
    {%- set least_u, most_u, least_v, most_v = [
        'least_lean(a, d)', 'most_lean(a, d)', 'least_lean(b, c)', 'most_lean(b, c)'
    ] %}
    {% call database_function('moved_' ~ name, ['measure', 'steps']) %}
        case
            when measure is not null
                then {{ outer }}({{ edge }}, measure {{ sign }} sqrt(steps))
        end
    {% endcall %}
    {% call database_function('step_' ~ name, ['from_measure', 'to_measure']) %}
        power(greatest(0.0, coalesce({{ step }}, 0.0)), 2)
    {% endcall %}
    {%- set far_u, far_v = (most_u, least_v) if name == 'lower' else (least_u, most_v) %}
    {% call database_function('gwets_ac1_' ~ name, ['a', 'b', 'c', 'd']) %}
        {% call with_known({
            'measure': 'gwets_ac1(a, b, c, d)',
            'disagreed': d,
            'end': end,
            'u': u,
            'far_u': least_u if name == 'lower' else most_u,
        }) %}
        moved_{{ name }}(
            known.measure,
            step_{{ name }}(
                ac1_of_shares(known.disagreed, known.u), ac1_of_shares(known.end, known.u)
            )
            + step_{{ name }}(
                ac1_of_shares(known.disagreed, known.u),
                ac1_of_shares(known.disagreed, known.far_u)
            )
        )
        {% endcall %}
    {% endcall %}
    {%- set here, there = [
        'known.disagreed, known.u, known.v', 'known.end, known.u, known.v'
    ] %}
    {% call database_function('cohens_kappa_' ~ name, ['a', 'b', 'c', 'd']) %}
        {% call with_known({
            'measure': 'cohens_kappa(a, b, c, d)',
            'disagreed': d,
            'end': end,
            'u': u,
            'far_u': far_u,
            'v': v,
            'far_v': far_v,
        }) %}
        moved_{{ name }}(
            known.measure,
            step_{{ name }}(kappa_of_shares({{ here }}), kappa_of_shares({{ there }}))
            {%- for moved in ['known.far_u, known.v', 'known.u, known.far_v'] %}
            + greatest(
                {%- for share, from in [('known.disagreed', here), ('known.end', there)] %}
                step_{{ name }}(
                    kappa_of_shares({{ from }}), kappa_of_shares({{ share }}, {{ moved }})
                )
                    {%- if not loop.last %},{% endif %}
                {%- endfor %}
            )
            {%- endfor %}
        )
        {% endcall %}
    {% endcall %}
    {%- endfor %}
{%- endmacro %}
