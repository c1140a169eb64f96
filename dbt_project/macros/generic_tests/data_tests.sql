{#
    dbt's own way to run a data test, which then says of a failing one what is broken, by how many
    rows, and from which deliveries these come: each broken rule of a `rules` test, or the test.
    Only a failing test costs these queries; ids and codes are logged, and no other value.
    `orchestration.rules` reads these lines.
#}
{% materialization test, default %}
    {%- set outcome = dbt.materialization_test_default() -%}
    {%- if load_result('main')['table'].rows[0]['failures'] > 0 -%}
        {%- if model.get('test_metadata') and model.test_metadata.name == 'rules' -%}
            {%- set relation = tested_relation(model.attached_node) -%}
            {%- for rule, failure_count in run_query(sql).rows -%}
                {%- set name = model.attached_node.split('.') | last ~ '.' ~ rule -%}
                {%- do log_broken('rule', name, failure_count, broken_rows(
                    relation, rule, model.test_metadata.kwargs, model.depends_on.nodes
                )) -%}
            {%- endfor -%}
        {%- else -%}
            {%- set failure_count = load_result('main')['table'].rows[0]['failures'] -%}
            {%- do log_broken('test', model.name, failure_count, sql) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(outcome) }}
{% endmaterialization %}

{#- Logs what is broken, then the deliveries, or the bodies, of its rows where they can be told. -#}
{% macro log_broken(kind, name, failure_count, rows) -%}
    {%- do log(
        'broken ' ~ kind ~ ': ' ~ name ~ ' (rows: ' ~ failure_count | int ~ ')', info=true
    ) -%}
    {%- set origin = origin_of_rows(rows) if rows else none -%}
    {%- if origin -%}
        {%- set found = run_query(origin.query).columns[0].values() -%}
        {%- if found -%}
            {%- set more = ' and ' ~ (found | length - 5) ~ ' more' if found | length > 5 else '' -%}
            {%- do log(
                'rows of: ' ~ name ~ ' (' ~ origin.kind ~ ': ' ~ found[:5] | join(', ') ~ more ~ ')',
                info=true
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The relation that a test of the manifest is attached to, as SQL names it. -#}
{% macro tested_relation(unique_id) -%}
    {{ return((graph.nodes.get(unique_id) or graph.sources[unique_id]).relation_name) }}
{%- endmacro %}

{#-
    Whose rows a query returns, by its columns: their own delivery, the deliveries of their report,
    episode or child, or the suppliers or areas that they name. None if the columns do not tell.
-#}
{% macro origin_of_rows(rows) -%}
    {%- set columns = get_columns_in_query(rows) -%}
    {%- for column in ['_delivery_id', 'delivery_id'] if column in columns -%}
        {{ return({'kind': 'deliveries', 'query': distinct_values(rows, column)}) }}
    {%- endfor -%}
    {%- set reports = adapter.get_relation('national_register', 'register', 'fct_reports') -%}
    {%- for key in ['report_id_register', 'episode_id_register', 'child_id_register'] -%}
        {%- if reports and key in columns -%}
            {%- set of_reports -%}
                select reports.delivery_id
                from {{ reports }} as reports
                inner join ({{ rows }}) as broken on reports.{{ key }} = broken.{{ key }}
            {%- endset -%}
            {{ return({'kind': 'deliveries', 'query': distinct_values(of_reports, 'delivery_id')}) }}
        {%- endif -%}
    {%- endfor -%}
    {%- for column in [
        'supplier_code', 'authority_code_dfe', 'police_force_code', 'area_code'
    ] if column in columns -%}
        {{ return({'kind': 'bodies', 'query': distinct_values(rows, column)}) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro distinct_values(rows, column) -%}
    select distinct {{ column }} as origin
    from ({{ rows }}) as found
    where {{ column }} is not null
    order by {{ column }}
{%- endmacro %}
