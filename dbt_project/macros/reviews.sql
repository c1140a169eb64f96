{# How reviewers call a pair of mentions: the same whichever way round its keys are named. #}
{% macro review_pair_id(left_key, right_key) -%}
    'P' || upper(substring({{ dbt.hash(left_key ~ " || '|' || " ~ right_key) }}, 1, 16))
{%- endmacro %}

{#
    The stratum of a scored pair in a clerical sample, by match weight in bits. Pairs that a cap
    keeps from linking are a stratum of their own: their weight is not reliable.
#}
{% macro sampling_stratum(match_weight, capped_by) -%}
    {%- set bounds = [0, 3, 8, 12, 16, 20] -%}
    case
        when {{ match_weight }} is null then null
        when {{ capped_by }} is not null then 'capped'
        when {{ match_weight }} < {{ bounds[0] }} then 'below {{ bounds[0] }}'
        {% for bound in bounds[1:] -%}
            when {{ match_weight }} < {{ bound }}
                then '{{ bounds[loop.index0] }} to {{ bound }}'
        {% endfor -%}
        else '{{ bounds[-1] }} and over'
    end
{%- endmacro %}
