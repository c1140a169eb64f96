{#
    How many absences both sources recorded, were no two children linked wrongly and none missed
    (Ding and Fienberg 1994, Survey Methodology 20:149-158, with false links as in de Wolf, van der
    Laan and Zult 2019, Journal of Official Statistics 35:577-597). A missed link turns an absence
    of both into one of each alone; a false link does the reverse. With precision p and recall r
    of links between the sources:

        corrected both = both × p / r, at most what the smaller source recorded

    What each source recorded in all does not change, so neither do its own figures. The corrected
    share of a status ('both', 'police_only', 'authority_only') is that of both, or of one source
    alone, which is what that source recorded less what both did; null for any other status, and
    where the recall is 0.

    `precision_at_fewer_children` and `precision_at_more_children` are precisions that move the
    corrected number of both by z standard errors of missed children.
#}
{% macro linkage_correction_functions() -%}
    {%- set counts = ['both_count', 'police_only_count', 'authority_only_count'] -%}
    {%- set rates = ['link_precision', 'link_recall'] -%}
    {%- set listed = (counts + rates) | join(', ') -%}
    {% call database_function('corrected_both', counts + rates) %}
        least(
            both_count * link_precision / nullif(link_recall, 0),
            cast(both_count + least(police_only_count, authority_only_count) as double)
        )
    {% endcall %}
    {% call database_function('corrected_total', counts + rates) %}
        2 * both_count + police_only_count + authority_only_count
        - corrected_both({{ listed }})
    {% endcall %}
    {% call database_function('corrected_share', ['status'] + counts + rates) %}
        case status
            when 'both' then corrected_both({{ listed }})
            when 'police_only'
                then both_count + police_only_count - corrected_both({{ listed }})
            when 'authority_only'
                then both_count + authority_only_count - corrected_both({{ listed }})
        end
        / nullif(corrected_total({{ listed }}), 0)
    {% endcall %}
    {%- for name, sign in [
        ('precision_at_fewer_children', '-'), ('precision_at_more_children', '+')
    ] %}
    {% call database_function(name, rates + ['joined_count', 'joined_error']) %}
        greatest(0.0, link_precision {{ sign }} {{ var('interval_z') }}e0
        * joined_error * link_recall / nullif(joined_count, 0))
    {% endcall %}
    {%- endfor %}
{%- endmacro %}
