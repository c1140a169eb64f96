{#
    Chapman's estimate of how many absences there were, seen and unseen, from two sources that
    overlap (Chapman 1951, University of California Publications in Statistics 1:131-160):

        N = (police + 1)(authority + 1) / (both + 1) - 1 = seen + police only × authority only
            / (both + 1)

    It supposes that the two sources come to know of an absence independently, that every absence
    is as likely to be known as another, that none is linked wrongly or missed, and that both
    watch the same absences. The first does not hold: see `absences_at_odds_ratio`.
#}
{% macro chapman_estimate(both, police_only, authority_only) -%}
    {{ absences_at_odds_ratio(both, police_only, authority_only, 1) }}
{%- endmacro %}

{# Its variance (Seber 1970, Biometrika 57:13-17; Seber 1982, page 60). #}
{% macro chapman_variance(both, police_only, authority_only) -%}
    cast({{ both }} + {{ police_only }} + 1 as double)
    * ({{ both }} + {{ authority_only }} + 1)
    * {{ police_only }}
    * {{ authority_only }}
    / (power({{ both }} + 1, 2) * ({{ both }} + 2))
{%- endmacro %}

{#
    Interval of the estimate, log-normal in what is unseen, so that it never ends below what was
    seen (Burnham; Chao 1987, Biometrics 43:783-791): unseen / C and unseen × C with

        C = exp(z √ln(1 + variance / unseen²))
#}
{% macro chapman_lower(both, police_only, authority_only, odds_ratio=1) -%}
    {{ chapman_end(both, police_only, authority_only, odds_ratio, '-') }}
{%- endmacro %}

{% macro chapman_upper(both, police_only, authority_only, odds_ratio=1) -%}
    {{ chapman_end(both, police_only, authority_only, odds_ratio, '+') }}
{%- endmacro %}

{% macro chapman_end(both, police_only, authority_only, odds_ratio, sign) -%}
    {{ both }} + {{ police_only }} + {{ authority_only }}
    + case
        when {{ police_only }} > 0 and {{ authority_only }} > 0
            then
                {{ unseen_absences(both, police_only, authority_only, odds_ratio) }}
                * exp({{ sign }}{{ var('interval_z') }}e0 * sqrt(ln(
                    1 + {{ chapman_variance(both, police_only, authority_only) }}
                    / power({{ unseen_absences(both, police_only, authority_only, 1) }}, 2)
                )))
        else 0
    end
{%- endmacro %}

{#
    The same estimate were the sources dependent with a stated odds ratio: the odds that an absence
    which the police know is known to the authority, over the odds for one they do not. Two
    sources alone cannot tell it (International Working Group for Disease Monitoring and
    Forecasting 1995, American Journal of Epidemiology 142:1047-1058); so it is stated, and the
    estimate given under each (Gerritse, van der Heijden and Bakker 2015, Journal of Official
    Statistics 31:357-379). Above 1, where one source tells the other, more is unseen.
#}
{% macro absences_at_odds_ratio(both, police_only, authority_only, odds_ratio) -%}
    {{ both }} + {{ police_only }} + {{ authority_only }}
    + {{ unseen_absences(both, police_only, authority_only, odds_ratio) }}
{%- endmacro %}

{% macro unseen_absences(both, police_only, authority_only, odds_ratio) -%}
    {{ odds_ratio }} * cast({{ police_only }} as double) * {{ authority_only }} / ({{ both }} + 1)
{%- endmacro %}
