{# Write the input of linkage in the last build to files, for `register identity train`. #}
{% macro write_linkage_records(mentions, care) -%}
    {{ return(adapter.dispatch('write_linkage_records')(mentions, care)) }}
{%- endmacro %}

{% macro duckdb__write_linkage_records(mentions, care) -%}
    {%- do run_query(
        "copy (select * from " ~ ref('int_clean_mentions') ~ ") to '" ~ mentions
        ~ "' (format parquet" ~ parquet_key('') ~ ")"
    ) -%}
    {%- do run_query(
        "copy (select * from " ~ ref('int_mention_care') ~ ") to '" ~ care
        ~ "' (format parquet" ~ parquet_key('') ~ ")"
    ) -%}
{%- endmacro %}

{% macro spark__write_linkage_records(mentions, care) -%}
    {{ return(duckdb__write_linkage_records(mentions, care)) }}
{%- endmacro %}
