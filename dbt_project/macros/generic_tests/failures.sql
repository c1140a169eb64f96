{#
    At the end of a run (`on-run-end`), report what failed tests found. There is one line for each
    broken rule of a `rules` test, and for each other failed test. A line gives the number of rows
    and their deliveries, suppliers or areas. The report is the error message of this hook, so dbt
    prints it last and keeps it in `run_results.json`. It contains ids and codes, but no other
    values.
#}
{% macro describe_failed_tests(results) -%}
    {%- set found = [] -%}
    {%- set tests = results | selectattr('node.resource_type', 'equalto', 'test')
        if execute else [] -%}
    {%- for result in tests if result.status == 'fail' -%}
        {%- set test = result.node -%}
        {%- if test.test_metadata and test.test_metadata.name == 'rules' -%}
            {%- set relation = tested_relation(test.attached_node) -%}
            {%- for rule, row_count in run_query(test.compiled_code).rows -%}
                {%- do found.append(description_of_failure(
                    test.attached_node.split('.') | last ~ '.' ~ rule, row_count,
                    broken_rows(relation, rule, test.test_metadata.kwargs, test.depends_on.nodes)
                )) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do found.append(description_of_failure(
                test.name, result.failures, test.compiled_code
            )) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if found -%}
        {{ failing_statement(found | join('\n')) }}
    {%- endif -%}
{%- endmacro %}

{#-
    One line of the report: what is broken, by how many rows and, if the columns tell, in which
    deliveries, suppliers or areas.
-#}
{% macro description_of_failure(name, row_count, rows) -%}
    {%- set said = name ~ ' is broken by ' ~ '{:,}'.format(row_count | int)
        ~ (' row' if row_count | int == 1 else ' rows') -%}
    {%- set origin = origin_of_rows(rows) if rows else none -%}
    {%- set found = run_query(origin).columns[0].values() if origin else [] -%}
    {%- if found -%}
        {%- set more = ' and ' ~ (found | length - 5) ~ ' more' if found | length > 5 else '' -%}
        {%- set said = said ~ ', of ' ~ found[:5] | join(', ') ~ more -%}
    {%- endif -%}
    {{ return(said) }}
{%- endmacro %}

{#- The SQL name of the relation that a test is attached to. -#}
{% macro tested_relation(unique_id) -%}
    {{ return((graph.nodes.get(unique_id) or graph.sources[unique_id]).relation_name) }}
{%- endmacro %}

{#-
    A query for the origin of another query's rows, by the columns that these have: their own
    delivery, the deliveries of their report, episode or child, or their supplier or area. None
    without such a column.
-#}
{% macro origin_of_rows(rows) -%}
    {%- set columns = get_columns_in_query(rows) -%}
    {%- for column in ['_delivery_id', 'delivery_id'] if column in columns -%}
        {{ return(distinct_values(rows, column)) }}
    {%- endfor -%}
    {%- set reports = adapter.get_relation('national_register', 'register', 'fct_reports') -%}
    {%- for key in ['report_id_register', 'episode_id_register', 'child_id_register'] -%}
        {%- if reports and key in columns -%}
            {%- set of_reports -%}
                select reports.delivery_id
                from {{ reports }} as reports
                inner join ({{ rows }}) as broken on reports.{{ key }} = broken.{{ key }}
            {%- endset -%}
            {{ return(distinct_values(of_reports, 'delivery_id')) }}
        {%- endif -%}
    {%- endfor -%}
    {%- for column in [
        'supplier_code', 'authority_code_dfe', 'police_force_code', 'area_code'
    ] if column in columns -%}
        {{ return(distinct_values(rows, column)) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro distinct_values(rows, column) -%}
    select distinct {{ column }} as origin
    from ({{ rows }}) as found
    where {{ column }} is not null
    order by {{ column }}
{%- endmacro %}

{#- A statement that does nothing but fail with a message. -#}
{% macro failing_statement(message) -%}
    {{ adapter.dispatch('failing_statement')(message | replace("'", "''")) }}
{%- endmacro %}

{% macro duckdb__failing_statement(message) -%}
    select error('{{ message }}')
{%- endmacro %}

{% macro spark__failing_statement(message) -%}
    select raise_error('{{ message }}')
{%- endmacro %}
