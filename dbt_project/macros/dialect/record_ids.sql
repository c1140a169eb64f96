{#
    Write every person identifier that suppliers delivered, also in superseded extracts, to a file
    in the warehouse's folder. `register identity rekey-decisions` hashes them with the old and the
    new pseudonym key.
#}
{% macro write_person_ids(path) -%}
    {{ return(adapter.dispatch('write_person_ids')(path)) }}
{%- endmacro %}

{% macro duckdb__write_person_ids(path) -%}
    {%- do run_query(
        "copy (select 'person' as kind, issuer, source_id from " ~ ref('int_source_ids')
        ~ " where kind = 'person' union distinct select 'person', supplier_code, source_id from "
        ~ ref('int_extract_first_deliveries')
        ~ " where kind = 'person') to '" ~ path ~ "' (format parquet" ~ parquet_key('') ~ ")"
    ) -%}
{%- endmacro %}

{% macro spark__write_person_ids(path) -%}
    {{ return(duckdb__write_person_ids(path)) }}
{%- endmacro %}
