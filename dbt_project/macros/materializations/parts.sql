{#
    A table built by parts: in a load only the rows of parts that changed are made again. A part is
    what its rows have in common, such as a child. The YAML of a model says what its own are, and
    by which column of each parent their rows are found:

        config:
          meta:
            part: child_id_register
            part_of:
              int_child_crosswalk: child_id_register
              int_person_attributes: mention_key by int_child_crosswalk

    `mention_key by int_child_crosswalk`: the rows whose mention the crosswalk has for the part;
    more ways are in `ways_to_parts`. A parent that is not named counts whole: where a row of it
    changes, all parts do. Every row of a part must follow from the parents' rows of that part, and
    no part may be null.

    What a model counts over all parts are CTEs of one macro, named as the last of them is:
    `counted_whole: late_suppliers`. They and what is before them are asked of whole relations.
    Where a row of the last one changes, all parts are made.

    A model that reads files of landing says `files: landed_files`: the variable that its pre-hook
    fills with their paths. The folder of a file, a delivery, is its part, and a file changed where
    its size or time did.

    A relation that others read by parts says by which columns: `parts: [mention_key]`. A column may be
    one that is made of others: `keys: {person: "supplier_code || '|' || child"}`. A parent whose parts
    are not noted, because it is small, counts whole.
    After it is built, each part's fingerprint is compared with the last one, and the run in which it
    changed is noted (schema `parts`). A model asks which parts changed since the run that made it,
    which is in the comment of its table; what does not change in a parent stops there. Anything else
    that a model is made of, such as its SQL, a seed or DuckDB's version, is in that comment too:
    where it differs, or the comment is gone, the model is built whole. So it is with
    `--full-refresh`, and in a look back.

    In each run a hundredth of the parts that did not change is made again too, and must be as it
    was. Compiled SQL names no part: the materialization puts them in.
#}

{#- Whether tables are built by parts at all: other targets write what was built before. -#}
{% macro has_parts() -%}
    {{ return(target.type == 'duckdb' and target.name not in ['publication', 'published']) }}
{%- endmacro %}

{#- The start of a run: its number, and what functions and engine are. -#}
{% macro begin_parts() -%}
    {%- if has_parts() -%}
        create schema if not exists {{ target.database }}.parts;
        create table if not exists {{ target.database }}.parts.runs (
            run bigint, made_by varchar, is_of_now boolean
        );
        create or replace table {{ target.database }}.parts.wholes (
            relation varchar, fingerprint varchar
        );
        create table if not exists {{ target.database }}.parts.published (
            relation varchar, generation_id varchar, run bigint, made_of varchar,
            replaced_rows bigint
        );
        create or replace table {{ target.database }}.parts.runs as
        select
            coalesce(max(run), 0) + 1 as run,
            version() || (
                select md5(listagg(
                    function_name || cast(parameters as varchar) || macro_definition,
                    ';' order by function_name, cast(parameters as varchar), macro_definition
                ))
                from duckdb_functions()
                where database_name = '{{ target.database }}' and macro_definition is not null
            ) as made_by,
        from {{ target.database }}.parts.runs;
    {%- endif -%}
{%- endmacro %}

{#- The table of a relation's parts by a column: fingerprint, and the run in which it changed. -#}
{% macro parts_of(identifier, column) -%}
    {{ target.database }}.parts."{{ identifier }}__by__{{ column }}"
{%- endmacro %}

{#- The parts that a model makes in this run: those that changed, and the sample. -#}
{% macro parts_now(identifier) -%}
    {{ target.database }}.parts."{{ identifier }}__now"
{%- endmacro %}

{#- The table of what a model counts over all parts in this run. -#}
{% macro counted_whole() -%}
    "{{ target.database }}"."parts"."{{ model.name }}__counted"
{%- endmacro %}

{#- The columns by which a model's rows are noted: its own part first. -#}
{% macro part_columns() -%}
    {%- set said = config.get('meta') or {} -%}
    {{ return(([said['part']] if said.get('part') else []) + said.get('parts', [])) }}
{%- endmacro %}

{#- The number of this run, and what functions and engine are in it. -#}
{% macro current_run() -%}
    {{ return(run_query('from ' ~ target.database ~ '.parts.runs').rows[0]) }}
{%- endmacro %}

{#- The least number of rows at which parts are worth their bookkeeping. -#}
{% macro least_rows_in_parts() -%}
    {{ return(env_var('REGISTER_PARTS_FROM_ROWS', '100000') | int) }}
{%- endmacro %}

{#- The seeds and models that a node reads, by name, with those of its ephemeral ones. -#}
{% macro relations_read(node) -%}
    {%- set found = {} -%}
    {%- for key in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(key) -%}
        {%- if parent is none and not (node.config.meta or {}).get('files') -%}
            {{ exceptions.raise_compiler_error(
                node.name ~ ' is built by parts: it reads models and seeds, or says its files'
            ) }}
        {%- elif parent is none -%}
            {#- A source whose files are its parts. -#}
        {%- elif parent.config.materialized == 'ephemeral' -%}
            {%- do found.update(relations_read(parent)) -%}
        {%- else -%}
            {%- do found.update({parent.name: parent.relation_name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- What a model is made of but the rows of its parts: a text that differs where any of it does. -#}
{% macro made_of(compiled_code, run, read, ways) -%}
    {#- The order of dictionaries is not the same in each process. -#}
    {%- set texts = [
        run[1], env_var('REGISTER_CODE', ''), compiled_code,
        tojson(ways, sort_keys=true), tojson(config.get('meta'), sort_keys=true)
    ] -%}
    {%- for name, relation in read | dictsort if name not in ways -%}
        {#- Foreign keys of a published table name what its query does not read. -#}
        {%- if relation in compiled_code or not is_published(this) -%}
            {%- do texts.append(name ~ whole_fingerprint(relation)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set name = config.get('meta').get('counted_whole') -%}
    {%- if name -%}
        {%- set asked = compiled_code.split(context[name]()) -%}
        {%- if asked | length != 2 -%}
            {{ exceptions.raise_compiler_error(model.name ~ ' does not count ' ~ name) }}
        {%- endif -%}
        {%- do run_query(
            'create or replace table ' ~ counted_whole() ~ ' as ' ~ asked[0] ~ context[name]()
            ~ ' select * from ' ~ name
        ) -%}
        {%- do texts.append(whole_fingerprint(counted_whole())) -%}
    {%- endif -%}
    {{ return(local_md5(texts | join('\n'))) }}
{%- endmacro %}

{#- A query for a relation's columns and types, for rows are hashed without them. -#}
{% macro columns_of(relation) -%}
    (
        select listagg(column_name || ' ' || data_type, ',' order by column_index)
        from duckdb_columns()
        where concat('"', database_name, '"."', schema_name, '"."', table_name, '"')
            = '{{ relation }}'
    )
{%- endmacro %}

{#- The fingerprint of all rows of a relation, made once in a run. -#}
{% macro whole_fingerprint(relation) -%}
    {%- set wholes = target.database ~ '.parts.wholes' -%}
    {%- set known = run_query(
        'select fingerprint from ' ~ wholes ~ " where relation = '" ~ relation ~ "'"
    ) -%}
    {%- if known.rows -%}
        {{ return(known.rows[0][0]) }}
    {%- endif -%}
    {%- set fingerprint = run_query(
        'select md5(cast(sum(cast(hash(given) as hugeint)) as varchar) || '
        ~ columns_of(relation) ~ ') from ' ~ relation ~ ' as given'
    ).rows[0][0] -%}
    {%- do run_query(
        'insert into ' ~ wholes ~ " values ('" ~ relation ~ "', '" ~ fingerprint ~ "')"
    ) -%}
    {{ return(fingerprint) }}
{%- endmacro %}
