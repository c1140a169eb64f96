{#
    Check the plain rules of one relation in one statement: one scan for all rules on single rows or
    columns, and one subquery for each other rule. The result has a row per broken rule, with the
    number of rows that break it: for `unique`, the surplus rows; for `unique_combination`, the
    combinations that occur more than once. A rule is named after its kind and columns, but an
    expression has a name of its own.

    not_null, unique:           columns; a null is not a duplicate
    unique_combination:         lists of columns; nulls are equal
    accepted_values:            column: values (text is quoted, numbers are not); null is accepted
    relationships:              column: parent.column; null is accepted
    expressions:                name: expression; unknown counts as false
    mutually_exclusive_ranges:  the arguments of the macro `overlapping_ranges`
#}
{% test rules(
    model,
    not_null=[],
    unique=[],
    unique_combination=[],
    accepted_values={},
    relationships={},
    expressions={},
    mutually_exclusive_ranges={}
) %}
    {%- set counts = {} -%}
    {%- set queries = {} -%}
    {%- for column in not_null -%}
        {%- do counts.update({'not_null_' ~ column: 'count(*) - count(' ~ column ~ ')'}) -%}
    {%- endfor -%}
    {%- for column in unique -%}
        {%- do counts.update({
            'unique_' ~ column: 'count(' ~ column ~ ') - count(distinct ' ~ column ~ ')'
        }) -%}
    {%- endfor -%}
    {%- for column, accepted in accepted_values.items() -%}
        {%- do counts.update({
            'accepted_values_' ~ column:
                count_where(column ~ ' not in (' ~ sql_literals(accepted) ~ ')')
        }) -%}
    {%- endfor -%}
    {%- for name, expression in expressions.items() -%}
        {%- do counts.update({name: count_where('not coalesce(' ~ expression ~ ', false)')}) -%}
    {%- endfor -%}
    {%- for columns in unique_combination -%}
        {%- do queries.update({
            rule_name('unique_combination', columns | join(' ')):
                repeated_combinations(model, columns)
        }) -%}
    {%- endfor -%}
    {%- for column, parent in relationships.items() -%}
        {%- set parent_name, parent_column = parent.split('.') -%}
        {%- do queries.update({
            'relationships_' ~ column: orphans(model, column, ref(parent_name), parent_column)
        }) -%}
    {%- endfor -%}
    {%- if mutually_exclusive_ranges -%}
        {%- do queries.update({
            'mutually_exclusive_ranges_' ~ mutually_exclusive_ranges['lower_bound_column']:
                overlapping_ranges(model, **mutually_exclusive_ranges)
        }) -%}
    {%- endif -%}
    {%- if not counts and not queries -%}
        {{ exceptions.raise_compiler_error('no rule is given for ' ~ model) }}
    {%- endif -%}
    with

    {% if counts -%}
    counted as (
        select
            {%- for count in counts.values() %}
            {{ count }} as rule_{{ loop.index }},
            {%- endfor %}
        from {{ model }}
    ),

    {% endif -%}
    broken as (
        {%- for name in counts %}
        select
            '{{ name }}' as rule,
            rule_{{ loop.index }} as failure_count
        from counted
        {%- if queries or not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- for name, query in queries.items() %}
        select
            '{{ name }}' as rule,
            count(*) as failure_count
        from ({{ query }}) as failing
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )

    select
        rule,
        failure_count
    from broken
    where failure_count > 0
{% endtest %}

{#- A rule's name: its kind and subject, joined by underscores. -#}
{% macro rule_name(kind, subject) -%}
    {{ modules.re.sub('\\W+', '_', kind ~ ' ' ~ subject).strip('_') }}
{%- endmacro %}

{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}

{#- Values from YAML as an SQL list: text in quotes, numbers and booleans as they are. -#}
{% macro sql_literals(values) -%}
    {%- for value in values -%}
        {%- if value is string -%}
            '{{ value | replace("'", "''") }}'
        {%- else -%}
            {{ value | string | lower }}
        {%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The combinations of columns that occur more than once. -#}
{% macro repeated_combinations(relation, columns) -%}
    select {{ columns | join(', ') }}
    from {{ relation }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro %}

{#-
    Rows of one entity whose date ranges overlap. `upper_is_inclusive` says whether the last date
    belongs to the range (dated dimensions) or to the next one (intervals). A range without an upper
    date is open. A range that has no lower date, or ends before it starts, is returned too.
-#}
{% macro overlapping_ranges(
    relation, partition_by, lower_bound_column, upper_bound_column, upper_is_inclusive=true
) -%}
    select *
    from (
        select
            {{ partition_by }} as range_owner,
            {{ lower_bound_column }} as lower_bound,
            {{ upper_bound_column }} as upper_bound,
            lead({{ lower_bound_column }}) over (
                partition by {{ partition_by }}
                order by {{ lower_bound_column }}
            ) as next_lower_bound
        from {{ relation }}
    ) as ranges
    where
        lower_bound is null
        or upper_bound < lower_bound
        or (upper_bound is null and next_lower_bound is not null)
        or next_lower_bound {{ '<=' if upper_is_inclusive else '<' }} upper_bound
{%- endmacro %}
