{#
    Landed files, as a staging model reads them: `stg_<feed>__<table>` reads the table's files of
    the current deliveries. `stg_ledger__deliveries` alone decides which deliveries are current. A
    pre-hook chooses the files when the model runs, so no other files are read.
#}
{% macro landed_feed(relation) -%}
    {{ relation.identifier.split('__')[0] | replace('stg_', '') }}
{%- endmacro %}

{% macro landed_table(relation) -%}
    {{ relation.identifier.split('__')[1] }}
{%- endmacro %}

{% macro landed() -%}
    {%- do ref('stg_ledger__deliveries') -%}
    {%- do source(landed_feed(this), landed_table(this)) -%}
    {{ read_landed_files() }}
{%- endmacro %}

{% macro set_landed_files(relation) -%}
    {%- if execute -%}
        {{ choose_landed_files(
            landed_feed(relation), landed_table(relation), ref('stg_ledger__deliveries')
        ) }}
    {%- endif -%}
{%- endmacro %}
