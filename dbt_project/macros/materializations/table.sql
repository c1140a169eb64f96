{#
    A table, replaced in one transaction, or its parts that changed (`parts.sql`). dbt-duckdb's own
    way builds beside the old table and renames twice, for readers who look on. Nobody reads the
    file that a build writes, and the renaming was a tenth of a build. A model without a contract
    may read its own last rows. A fraction of a model with a contract is published to a stated
    precision (docs/measures.md).
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set compiled_code = rows_of_spark(compiled_code) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if existing is not none and not existing.is_table %}
        {{ drop_relation_if_exists(existing) }}
    {% endif %}
    {% set plan = plan_of_parts(target, existing, compiled_code) %}
    {% call statement('main', language=model['language']) -%}
        {%- if plan and plan.is_partial and model['language'] == 'python' -%}
            {{ replace_parts_by_python(target, plan) }}
        {%- elif plan and plan.is_partial and is_published(target) -%}
            {{ replace_published_parts(target, plan.code, plan) }}
        {%- elif plan and plan.is_partial -%}
            {{ replace_parts(target, plan.code, plan) }}
        {%- elif model['language'] == 'python' -%}
            {{ replace_table_by_python(target, compiled_code) }}
        {%- else -%}
            {{ replace_table(target, compiled_code) }}
        {%- endif -%}
    {%- endcall %}
    {% if plan and not plan.is_partial and not is_published(target) %}
        {% do note_whole(target, plan) %}
    {% endif %}
    {% do persist_docs(target, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {% if plan and is_published(target) %}
        {#- A transaction writes one database, and notes are of the warehouse. -#}
        {% do note_published(target, plan) %}
        {{ adapter.commit() }}
    {% endif %}
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
        {{ columns_and_enforced_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} (
            {{ published_rows(compiled_code) }}
        );
    {%- else -%}
        create or replace table {{ relation }} as (
            {{ compiled_code }}
        );
    {%- endif -%}
{%- endmacro %}

{#- The rows of a query in the order of the contract, as they are published. -#}
{% macro published_rows(compiled_code) -%}
    select
    {%- for column in model['columns'].values() %}
        {{ published_column(column) }}{{ ',' if not loop.last }}
    {%- endfor %}
    from (
        {{ compiled_code }}
    ) as published
{%- endmacro %}

{#-
    The columns of a contract with every constraint but foreign keys. These are declared for
    readers and checked by `relationships`: enforced, each would be an index over all rows of a
    fact, and DuckDB has none between schemas.
-#}
{% macro columns_and_enforced_constraints() -%}
    {%- set columns = {} -%}
    {%- for name, column in model['columns'].items() -%}
        {%- set enforced = column['constraints'] | rejectattr('type', 'equalto', 'foreign_key') -%}
        {%- do columns.update({name: dict(column, constraints=enforced | list)}) -%}
    {%- endfor -%}
    {%- set of_columns = adapter.render_raw_columns_constraints(raw_columns=columns) -%}
    {%- set of_table = adapter.render_raw_model_constraints(
        raw_constraints=model['constraints']
    ) -%}
    ({{ (of_columns + of_table) | join(', ') }})
{%- endmacro %}

{#- A column of a contract: its fractions as they are published. -#}
{% macro published_column(column) -%}
    {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
    {%- if column['data_type'] | lower == 'double' -%}
        {{ published_number(name) }}
    {%- else -%}
        {{ name }}
    {%- endif -%}
{%- endmacro %}

{#-
    A fraction as it is published: to nine decimals, and to three from a million on, so that no
    more than fifteen digits are ever given. Adding 0 takes the sign away from a 0.
-#}
{% macro published_number(value) -%}
    round({{ value }}, case when abs({{ value }}) < 1000000 then 9 else 3 end) + 0
{%- endmacro %}

{#- A Python model and what dbt-duckdb runs after it: `df` is what the model returned. -#}
{% macro replace_table_by_python(relation, compiled_code) -%}
{{ compiled_code }}

def materialize(df, con):
    con.register('df_{{ relation.identifier }}', df)
    con.execute('create or replace table {{ relation }} as from df_{{ relation.identifier }}')
    con.unregister('df_{{ relation.identifier }}')
{%- endmacro %}

{#- The same, of a table by parts. -#}
{% macro replace_parts_by_python(relation, plan) -%}
{{ plan.code }}

def materialize(df, con):
    con.register('df_{{ relation.identifier }}', df)
    con.execute('begin')
    con.execute(r"""{{ replace_parts(relation, 'from df_' ~ relation.identifier, plan) }}""")
    con.execute('commit')
    con.unregister('df_{{ relation.identifier }}')
{%- endmacro %}
