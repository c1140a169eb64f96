{#
    Wilson's score interval of a share: the shares that a test at the stated level would not reject
    (Wilson 1927, Journal of the American Statistical Association 22:209-212; method 3 of Newcombe
    1998, Statistics in Medicine 17:857-872). With s of n and z standard errors:

        (s + z²/2 ± z √(s (n - s) / n + z²/4)) / (n + z²)

    It never leaves 0 to 1 and has a width where s is nought or n; held to the share itself, so
    that rounding never leaves the share outside. Null without trials. A count may be a fraction,
    as a corrected count is.
#}
{% macro wilson_lower(successes, trials) -%}
    case
        when {{ trials }} > 0
            then greatest(0.0, least({{ wilson_share(successes, trials) }}, (
                {{ wilson_centre(successes) }} - {{ wilson_reach(successes, trials) }}
            ) / {{ wilson_size(trials) }}))
    end
{%- endmacro %}

{% macro wilson_upper(successes, trials) -%}
    case
        when {{ trials }} > 0
            then least(1.0, greatest({{ wilson_share(successes, trials) }}, (
                {{ wilson_centre(successes) }} + {{ wilson_reach(successes, trials) }}
            ) / {{ wilson_size(trials) }}))
    end
{%- endmacro %}

{# Both ends as columns `<name>_lower` and `<name>_upper`. #}
{% macro wilson_columns(name, successes, trials) -%}
    {{ wilson_lower(successes, trials) }} as {{ name }}_lower,
    {{ wilson_upper(successes, trials) }} as {{ name }}_upper
{%- endmacro %}

{% macro wilson_share(successes, trials) -%}
    cast({{ successes }} as double) / {{ trials }}
{%- endmacro %}

{% macro wilson_centre(successes) -%}
    ({{ successes }} + {{ var('interval_z') ** 2 / 2 }}e0)
{%- endmacro %}

{% macro wilson_reach(successes, trials) -%}
    {{ var('interval_z') }}e0 * sqrt(
        {{ successes }} * cast({{ trials }} - {{ successes }} as double) / {{ trials }}
        + {{ var('interval_z') ** 2 / 4 }}e0
    )
{%- endmacro %}

{% macro wilson_size(trials) -%}
    ({{ trials }} + {{ var('interval_z') ** 2 }}e0)
{%- endmacro %}
