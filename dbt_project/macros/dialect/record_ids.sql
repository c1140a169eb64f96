{#
    Write the identifier of every record that suppliers delivered, also in superseded extracts, to a
    file in the warehouse's folder. `register keys rotate-pseudonyms` hashes them with the old and
    the new pseudonym key.
#}
{% macro write_record_ids(path) -%}
    {{ return(adapter.dispatch('write_record_ids')(path)) }}
{%- endmacro %}

{% macro duckdb__write_record_ids(path) -%}
    {%- do run_query(
        "copy (select kind, issuer, source_id from " ~ ref('int_source_ids')
        ~ " union distinct select kind, supplier_code, source_id from "
        ~ ref('int_extract_first_deliveries')
        ~ " where kind = 'person') to '" ~ path ~ "' (format parquet" ~ parquet_key('') ~ ")"
    ) -%}
{%- endmacro %}

{% macro spark__write_record_ids(path) -%}
    {{ return(duckdb__write_record_ids(path)) }}
{%- endmacro %}
