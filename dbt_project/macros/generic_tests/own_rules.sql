{#-
    Checks the rules of a table or seed that read nothing that may be made later, in a load, and
    says which are broken as their test would. Run by hand, dbt runs the test.
-#}
{% macro check_own_rules(relation) -%}
    {#- Marts that Spark built were checked there; what they relate to is not in the target `published`. -#}
    {%- set is_built_here = target.name != 'published' -%}
    {%- if execute and is_built_here and env_var('REGISTER_OWN_RULES', 'no') == 'yes' -%}
        {%- set broken = [] -%}
        {%- for test in graph.nodes.values()
            if test.resource_type == 'test' and test.attached_node == model.unique_id
            and 'own_rules' in test.tags -%}
            {%- set arguments = dict(test.test_metadata.kwargs) -%}
            {%- do arguments.pop('model', none) -%}
            {%- set found = run_query(
                rules_query(relation, nodes=test.depends_on.nodes, **arguments)
            ) -%}
            {%- for rule, failure_count in found.rows -%}
                {%- do log_broken('rule', model.name ~ '.' ~ rule, failure_count, broken_rows(
                    relation, rule, arguments, test.depends_on.nodes
                )) -%}
                {%- do broken.append(rule) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if broken -%}
            {%- do exceptions.raise_compiler_error(
                'broken rules of ' ~ model.name ~ ': ' ~ broken | join(', ')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
