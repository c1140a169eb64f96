{# The name of a pair of mentions for reviewers: the same in whichever order the two are given. #}
{% macro review_pair_id(left_key, right_key) -%}
    'P' || upper(substring({{ dbt.hash(left_key ~ " || '|' || " ~ right_key) }}, 1, 16))
{%- endmacro %}
