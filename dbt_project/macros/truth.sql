{#
    Simulated truth, for the models of `sensitivity/` that also judge links by a clerical sample:
    the import CTE `truth`. A home that is no simulation has none, and `evaluation/` is off there.
#}
{% macro true_mentions() -%}
    {%- if env_var('REGISTER_HAS_TRUTH', 'false') == 'true' -%}
    select * from {{ ref('int_true_mentions') }}
    {%- else -%}
    select
        cast(null as varchar) as mention_key,
        cast(null as bigint) as person_id_truth,
        cast(null as varchar) as errors,
    where false
    {%- endif -%}
{%- endmacro %}
