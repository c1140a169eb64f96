{# How reviewers call a pair of mentions: the same whichever way round its keys are named. #}
{% macro review_pair_id(left_key, right_key) -%}
    'P' || upper(substring({{ dbt.hash(left_key ~ " || '|' || " ~ right_key) }}, 1, 16))
{%- endmacro %}
