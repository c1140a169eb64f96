{#-
    A query for the rows of a relation that break one rule of its `rules` test. `rule` is the name
    that the test gives the rule, `arguments` are the test's arguments, and `nodes` are its
    dependencies.
-#}
{% macro broken_rows(relation, rule, arguments, nodes) -%}
    {%- set all_rows = 'select * from ' ~ relation ~ ' where ' -%}
    {%- for column in arguments.get('not_null', []) if rule == 'not_null_' ~ column -%}
        {{ return(all_rows ~ column ~ ' is null') }}
    {%- endfor -%}
    {%- for column in arguments.get('unique', []) if rule == 'unique_' ~ column -%}
        {{ return(all_rows ~ column ~ ' in (select ' ~ column ~ ' from (' ~ repeated_combinations(
            relation, [column]
        ) ~ ') as repeated)') }}
    {%- endfor -%}
    {%- for column, accepted in arguments.get('accepted_values', {}).items()
        if rule == 'accepted_values_' ~ column -%}
        {{ return(all_rows ~ column ~ ' not in (' ~ sql_literals(accepted) ~ ')') }}
    {%- endfor -%}
    {%- for name, expression in arguments.get('expressions', {}).items() if rule == name -%}
        {{ return(all_rows ~ 'not coalesce(' ~ expression ~ ', false)') }}
    {%- endfor -%}
    {%- for columns in arguments.get('unique_combination', [])
        if rule == rule_name('unique_combination', columns | join(' ')) -%}
        {{ return(
            'select * from (select *, count(*) over (partition by ' ~ columns | join(', ')
            ~ ') as _repeats from ' ~ relation ~ ') as counted where _repeats > 1'
        ) }}
    {%- endfor -%}
    {%- for column, parent in arguments.get('relationships', {}).items()
        if rule == 'relationships_' ~ column -%}
        {%- set parent_name, parent_column = parent.split('.') -%}
        {%- for node in nodes if node.split('.') | last == parent_name -%}
            {{ return(
                all_rows ~ column ~ ' is not null and ' ~ column ~ ' not in (select '
                ~ parent_column ~ ' from ' ~ tested_relation(node) ~ ' where ' ~ parent_column
                ~ ' is not null)'
            ) }}
        {%- endfor -%}
    {%- endfor -%}
    {%- set ranges = arguments.get('mutually_exclusive_ranges') -%}
    {%- if ranges -%}
        {{ return(
            all_rows ~ ranges['partition_by'] ~ ' in (select range_owner from ('
            ~ overlapping_ranges(relation, **ranges) ~ ') as overlapping)'
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- Rows whose value in `column` does not occur in the parent's column. -#}
{% macro orphans(relation, column, parent, parent_column) -%}
    select child.{{ column }}
    from {{ relation }} as child
    left join {{ parent }} as parent
        on child.{{ column }} = parent.{{ parent_column }}
    where
        child.{{ column }} is not null
        and parent.{{ parent_column }} is null
{%- endmacro %}
