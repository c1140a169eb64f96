{#
    Positive agreement of two sources: of all that either says, counted once by each that says it,
    the share on which they agree, 2a / (2a + b + c) (Cicchetti and Feinstein 1990, Journal of
    Clinical Epidemiology 43:551-558; as an overlap of sets Dice 1945). It needs no count of what
    neither source holds, which for absences nobody knows; so there is no negative agreement of
    holding an absence. For a category, both cells of which are known, there is.
#}
{% macro positive_agreement(both, police_only, authority_only) -%}
    2.0 * {{ both }} / nullif(2 * {{ both }} + {{ police_only }} + {{ authority_only }}, 0)
{%- endmacro %}

{# Agreement on "no": 2d / (2d + b + c), from the cell where both say no. #}
{% macro negative_agreement(neither, police_only, authority_only) -%}
    {{ positive_agreement(neither, police_only, authority_only) }}
{%- endmacro %}
