{#
    dbt's own way to run a data test, which then names each broken rule of a `rules` test with how
    many rows break it. Only a failing test costs this second query; no value is logged.
    `orchestration.rules` reads these lines.
#}
{% materialization test, default %}
    {%- set outcome = dbt.materialization_test_default() -%}
    {%- if model.get('test_metadata') and model.test_metadata.name == 'rules' -%}
        {%- if load_result('main')['table'].rows[0]['failures'] > 0 -%}
            {%- for rule, failure_count in run_query(sql).rows -%}
                {%- do log(
                    'broken rule: ' ~ model.attached_node.split('.') | last ~ '.' ~ rule
                    ~ ' (rows: ' ~ failure_count | int ~ ')',
                    info=true
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(outcome) }}
{% endmaterialization %}
