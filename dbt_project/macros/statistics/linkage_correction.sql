{#
    How many absences both sources hold, were no two children linked wrongly and none missed
    (Ding and Fienberg 1994, Survey Methodology 20:149-158, with false links as in de Wolf, van der
    Laan and Zult 2019, Journal of Official Statistics 35:577-597). A missed link turns an absence
    of both into one of each alone; a false link does the reverse. With precision p and recall r
    of links between the sources:

        corrected both = both × p / r, at most what the smaller source holds

    What each source holds in all does not change, so neither do its own figures.
#}
{% macro corrected_both(both, police_only, authority_only, precision, recall) -%}
    least(
        {{ both }} * {{ precision }} / nullif({{ recall }}, 0),
        cast({{ both }} + least({{ police_only }}, {{ authority_only }}) as double)
    )
{%- endmacro %}

{# The corrected number of absences that either source holds. #}
{% macro corrected_total(both, police_only, authority_only, precision, recall) -%}
    (
        2 * {{ both }} + {{ police_only }} + {{ authority_only }}
        - {{ corrected_both(both, police_only, authority_only, precision, recall) }}
    )
{%- endmacro %}

{#
    The corrected share of a status: of both, or of one source alone, which is what that source
    holds less what both hold.
#}
{% macro corrected_share(status, both, police_only, authority_only, precision, recall) -%}
    {%- set found = corrected_both(both, police_only, authority_only, precision, recall) -%}
    {%- set total = corrected_total(both, police_only, authority_only, precision, recall) -%}
    {%- if status == 'both' -%}
        {{ found }} / nullif({{ total }}, 0)
    {%- elif status == 'police_only' -%}
        ({{ both }} + {{ police_only }} - {{ found }}) / nullif({{ total }}, 0)
    {%- elif status == 'authority_only' -%}
        ({{ both }} + {{ authority_only }} - {{ found }}) / nullif({{ total }}, 0)
    {%- else -%}
        {{ exceptions.raise_compiler_error('No share of the status ' ~ status) }}
    {%- endif -%}
{%- endmacro %}

{#
    An end of an interval that joins uncertainties which do not depend on each other: the estimate
    less (`-`) or more (`+`) the root of the sum of squares of what each would move it alone (the
    method of variance estimates recovery, Zou and Donner 2008, Statistics in Medicine
    27:1693-1702). `ends` are where each alone puts it, on that side; never beyond `floor` or
    `ceiling`, which are those of a share unless told.
#}
{% macro joined_end(estimate, sign, ends, floor='0.0', ceiling='1.0') -%}
    {%- set bound = 'greatest(' ~ floor ~ ', ' if sign == '-' else 'least(' ~ ceiling ~ ', ' -%}
    case
        when {{ estimate }} is not null
            then {{ bound }}{{ estimate }} {{ sign }} sqrt(
                {%- for end in ends %}
                {{ '+ ' if not loop.first }}power({{ end }} - {{ estimate }}, 2)
                {%- endfor %}
            ))
    end
{%- endmacro %}
