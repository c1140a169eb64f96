{# How the rows of a part are found in each parent of a table (`parts.sql`). #}

{#-
    By parent how the rows of a part are found: `mention_key` is a column that has the part;
    `mention_key by int_child_crosswalk` one that the crosswalk has for the part;
    `delivery_id of _delivery_id by int_reports` one that is `_delivery_id` there. A query gives the
    parts that a parent, which is read whole, has changed: `this` is the model's table, `changed` the
    parent's own changed parts. Others can be found by such a parent too: by its own first part.
#}
{% macro ways_to_parts() -%}
    {%- set ways = {} -%}
    {%- for name, said in config.get('meta').get('part_of', {}).items() -%}
        {%- if said.startswith('select ') -%}
            {%- set column = own_part_columns(name)[0] -%}
            {%- do ways.update({name: {
                'query': said.split() | join(' '),
                'column': column,
                'by': none,
                'noted_by': column,
            }}) -%}
        {%- else -%}
            {%- set words = said.split(' by ') -%}
            {%- set columns = words[0].split(' of ') -%}
            {%- do ways.update({name: {
                'column': columns[0],
                'column_there': columns[-1],
                'by': words[1] if words | length > 1 else none,
                'noted_by': columns[0],
            }}) -%}
        {%- endif -%}
        {%- if ways[name].noted_by not in own_part_columns(name) -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ' finds rows of ' ~ name ~ ' by ' ~ ways[name].noted_by
                ~ ', which is no part of it'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(ways) }}
{%- endmacro %}

{#-
    The ways to parents whose parts are noted. A parent that is small, and so is not, counts whole; and
    so does one whose rows are found by a parent that is not noted.
-#}
{% macro noted_ways() -%}
    {%- set noted = tables_of_parts() -%}
    {%- set said = ways_to_parts() -%}
    {%- set ways = {} -%}
    {%- for name, way in said.items() if is_noted_way(name, said, noted) -%}
        {%- do ways.update({name: way}) -%}
    {%- endfor -%}
    {{ return(ways) }}
{%- endmacro %}

{#- Whether a parent's parts are noted, and those of each parent by which its rows are found. -#}
{% macro is_noted_way(name, said, noted) -%}
    {%- set way = said[name] -%}
    {%- if name ~ '__by__' ~ way.noted_by not in noted -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(way.by is none or is_noted_way(way.by, said, noted)) }}
{%- endmacro %}

{#- The node of a model or seed by its name. -#}
{% macro node_named(name) -%}
    {{ return(graph.nodes.values() | selectattr('name', 'equalto', name) | first) }}
{%- endmacro %}

{#- The columns by which the rows of a model are noted. -#}
{% macro own_part_columns(name) -%}
    {%- set said = node_named(name).config.meta -%}
    {{ return(([said['part']] if said.get('part') else []) + said.get('parts', [])) }}
{%- endmacro %}

{#- A column of a model in SQL: `keys` of its `meta` may say what one is made of. -#}
{% macro key_of(name, column) -%}
    {{ return((node_named(name).config.meta or {}).get('keys', {}).get(column, column)) }}
{%- endmacro %}

{#- A query for the parts of those rows of a parent whose column is among what a query gives. -#}
{% macro parts_where(name, column, chosen, ways, read) -%}
    {%- set way = ways[name] -%}
    {%- set keys = 'select ' ~ key_of(name, way.column) ~ ' from ' ~ read[name] ~ ' where '
        ~ key_of(name, column) ~ ' in (' ~ chosen ~ ')' -%}
    {%- if way.by is none -%}
        {{ return(keys) }}
    {%- endif -%}
    {{ return(parts_where(way.by, way.column_there, keys, ways, read)) }}
{%- endmacro %}

{#- The condition on rows of a parent that they are of the parts that a query gives. -#}
{% macro is_of_parts(name, now, ways, read) -%}
    {%- set way = ways[name] -%}
    {%- if way.by is none -%}
        {{ return(key_of(name, way.column) ~ ' in (' ~ now ~ ')') }}
    {%- endif -%}
    {{ return(
        key_of(name, way.column) ~ ' in (select ' ~ key_of(way.by, way.column_there) ~ ' from ' ~ read[way.by] ~ ' where '
        ~ is_of_parts(way.by, now, ways, read) ~ ')'
    ) }}
{%- endmacro %}
