{#
    How far two shares lie apart, as the deviance of one common share (McCullagh and Nelder 1989,
    Generalized Linear Models, page 118; the G-test of a two by two table): chi-squared with one
    degree of freedom if there is but one share. Null where a side has no trials.

    It is twice the sum over the four cells of `deviance_term`: observed × ln(observed / expected),
    0 where nothing was observed. A cell is expected to be its side's trials (`size`) times the
    common share of its answer (`all_count` of `all_size`).
#}
{% macro deviance_functions() -%}
    {% call database_function(
        'deviance_term', ['observed', 'size', 'all_count', 'all_size']
    ) %}
        case
            when observed > 0
                then observed * ln(
                    cast(observed as double) * all_size / (cast(size as double) * all_count)
                )
            else 0.0
        end
    {% endcall %}
    {% call database_function(
        'shares_deviance', ['successes', 'trials', 'other_successes', 'other_trials']
    ) %}
        case
            when trials > 0 and other_trials > 0
                then 2 * (
                    {%- set all_trials = 'trials + other_trials' %}
                    {%- for count, size in {
                        'successes': 'trials', 'other_successes': 'other_trials',
                    }.items() %}
                    {{ '+ ' if not loop.first -}}
                    deviance_term(
                        {{ count }}, {{ size }}, successes + other_successes, {{ all_trials }}
                    )
                    + deviance_term(
                        {{ size }} - {{ count }},
                        {{ size }},
                        {{ all_trials }} - successes - other_successes,
                        {{ all_trials }}
                    )
                    {%- endfor %}
                )
        end
    {% endcall %}
{%- endmacro %}
