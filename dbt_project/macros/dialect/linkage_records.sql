{#
    Write the input of linkage, as the last build left it, to files in the warehouse's folder:
    `register identity train` learns a model of this home from them.
#}
{% macro write_linkage_records(mentions, care) -%}
    {{ return(adapter.dispatch('write_linkage_records')(mentions, care)) }}
{%- endmacro %}

{% macro duckdb__write_linkage_records(mentions, care) -%}
    {%- do run_query(
        "copy (select * from " ~ ref('int_clean_mentions') ~ ") to '" ~ mentions
        ~ "' (format parquet)"
    ) -%}
    {%- do run_query(
        "copy (select * from " ~ ref('int_mention_care') ~ ") to '" ~ care
        ~ "' (format parquet)"
    ) -%}
{%- endmacro %}

{% macro spark__write_linkage_records(mentions, care) -%}
    {{ return(duckdb__write_linkage_records(mentions, care)) }}
{%- endmacro %}
