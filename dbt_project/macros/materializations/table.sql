{#
    A table, replaced in one transaction. dbt-duckdb's own way builds beside the old table and
    renames twice, for readers who look on. Nobody reads the file that a build writes, and the
    renaming was a tenth of a build. A model without a contract may read its own last rows.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if existing is not none and not existing.is_table %}
        {{ drop_relation_if_exists(existing) }}
    {% endif %}
    {% call statement('main', language=model['language']) -%}
        {%- if model['language'] == 'python' -%}
            {{ replace_table_by_python(target, compiled_code) }}
        {%- else -%}
            {{ replace_table(target, compiled_code) }}
        {%- endif -%}
    {%- endcall %}
    {% do persist_docs(target, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- The statements that make a table of a query; a contract's constraints are made first. -#}
{% macro replace_table(relation, compiled_code) -%}
    {%- if config.get('contract').enforced -%}
        {%- if relation | string in compiled_code -%}
            {{ exceptions.raise_compiler_error(
                relation ~ ' has a contract, so it is empty when its query runs: it cannot read'
                ~ ' its own last rows'
            ) }}
        {%- endif -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
        create or replace table {{ relation }}
        {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} (
            {{ get_select_subquery(compiled_code) }}
        );
    {%- else -%}
        create or replace table {{ relation }} as (
            {{ compiled_code }}
        );
    {%- endif -%}
{%- endmacro %}

{#- A Python model and what dbt-duckdb runs after it: `df` is what the model returned. -#}
{% macro replace_table_by_python(relation, compiled_code) -%}
{{ compiled_code }}

def materialize(df, con):
    con.register('df_{{ relation.identifier }}', df)
    con.execute('create or replace table {{ relation }} as from df_{{ relation.identifier }}')
    con.unregister('df_{{ relation.identifier }}')
{%- endmacro %}
