{#
    Landing, as a staging model sees it. `stg_<feed>__<table>` reads the table's files of the
    deliveries that are current; which these are is decided in one place,
    `stg_ledger__deliveries`. The files are chosen when the model runs (pre-hook), so that
    only those of current deliveries are read.
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
