{# The id of a pair of mentions for reviewers. It depends on the order of the two keys. #}
{% macro review_pair_id(left_key, right_key) -%}
    'P' || upper(substring({{ dbt.hash(left_key ~ " || '|' || " ~ right_key) }}, 1, 16))
{%- endmacro %}
