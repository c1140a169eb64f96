{#
    Chapman's estimate of how many absences there were, recorded or not, from two sources that
    overlap (Chapman 1951, University of California Publications in Statistics 1:131-160):

        N = (police + 1)(authority + 1) / (both + 1) - 1
          = recorded + police only × authority only / (both + 1)

    It supposes that the two sources come to know of an absence independently, that every absence
    is as likely to be known as another, that none is linked wrongly or missed, and that both
    cover the same absences. The first is not so; the odds ratio states how far: the odds that an
    absence which the police know is known to the authority, over the odds for one they do not. Two
    sources alone cannot tell it (International Working Group for Disease Monitoring and
    Forecasting 1995, American Journal of Epidemiology 142:1047-1058); so it is stated, and the
    estimate given under each (Gerritse, van der Heijden and Bakker 2015, Journal of Official
    Statistics 31:357-379). 1 is Chapman's own estimate; above 1, where one source tells the other,
    more absences are unrecorded.

    `chapman_variance` is the variance of Chapman's own (Seber 1970, Biometrika 57:13-17; Seber
    1982, page 60). The interval is log-normal in what is unrecorded, so that it never ends below
    what was recorded (Burnham; Chao 1987, Biometrics 43:783-791): unrecorded / C and × C with

        C = exp(z √ln(1 + variance / unrecorded²))

    and no width where one source has nothing of its own.
#}
{% macro chapman_functions() -%}
    {%- set counts = ['both_count', 'police_only_count', 'authority_only_count'] -%}
    {%- set listed = counts | join(', ') -%}
    {% call database_function('unrecorded_absences', counts + ['odds_ratio']) %}
        odds_ratio * cast(police_only_count as double) * authority_only_count
        / (both_count + 1)
    {% endcall %}
    {% call database_function('absences_at_odds_ratio', counts + ['odds_ratio']) %}
        both_count + police_only_count + authority_only_count
        + unrecorded_absences({{ listed }}, odds_ratio)
    {% endcall %}
    {% call database_function('chapman_estimate', counts) %}
        absences_at_odds_ratio({{ listed }}, 1)
    {% endcall %}
    {% call database_function('chapman_variance', counts) %}
        cast(both_count + police_only_count + 1 as double)
        * (both_count + authority_only_count + 1)
        * police_only_count
        * authority_only_count
        / (power(both_count + 1, 2) * (both_count + 2))
    {% endcall %}
    {%- for name, sign in [('chapman_lower', '-'), ('chapman_upper', '+')] %}
    {% call database_function(name, counts + ['odds_ratio']) %}
        both_count + police_only_count + authority_only_count
        + case
            when police_only_count > 0 and authority_only_count > 0
                then
                    unrecorded_absences({{ listed }}, odds_ratio)
                    * exp({{ sign }}{{ var('interval_z') }}e0 * sqrt(ln(
                        1 + chapman_variance({{ listed }})
                        / power(unrecorded_absences({{ listed }}, 1), 2)
                    )))
            else 0
        end
    {% endcall %}
    {%- endfor %}
{%- endmacro %}
