{#
    Ends of the interval of a share with three independent uncertainties: the share less or plus the
    root of the sum of squares of what each would move it alone (method of variance estimates
    recovery, MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693-1702), within 0 to 1. The
    three arguments after the share are where each uncertainty alone puts it, on that side: chance,
    the factor of absences of both, and that of absences of the police alone; of the last two a null
    moves it nowhere. The share bounds either end, so that rounding never puts it outside. Null where
    the share is.
#}
{% macro variance_recovery_functions() -%}
    {%- set ends = ['sampled_end', 'both_factor_end', 'police_only_factor_end'] -%}
    {%- set distance -%}
        sqrt(
            power(sampled_end - share, 2)
            {%- for end in ends[1:] %}
            + power(coalesce({{ end }}, share) - share, 2)
            {%- endfor %}
        )
    {%- endset -%}
    {% call database_function('recovered_lower', ['share'] + ends) %}
        case
            when share is not null
                then least(share, greatest(0.0, share - {{ distance }}))
        end
    {% endcall %}
    {% call database_function('recovered_upper', ['share'] + ends) %}
        case
            when share is not null
                then greatest(share, least(1.0, share + {{ distance }}))
        end
    {% endcall %}
    {%- for end in ['lower', 'upper'] %}
    {% call database_function(
        'share_' ~ end, ['share', 'trials', 'both_factor_end', 'police_only_factor_end', 'corner']
    ) %}
        case
            when share is not null
                then recovered_{{ end }}(
                    share,
                    wilson_{{ end }}(share * trials, trials),
                    both_factor_end,
                    police_only_factor_end
                )
            else wilson_{{ end }}(corner * trials, trials)
        end
    {% endcall %}
    {%- endfor %}
{%- endmacro %}
