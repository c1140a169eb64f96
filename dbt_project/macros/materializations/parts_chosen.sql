{# Which parts of a table a run makes (`parts.sql`), and from which rows of its parents. #}

{#-
    Whether a model is built by parts in this run, from which code, and what is noted of it; none
    where it has no parts.
#}
{% macro plan_of_parts(relation, existing, compiled_code) -%}
    {%- if not (has_parts() and part_columns()) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set run = current_run() -%}
    {%- set plan = {'run': run, 'compiled_code': compiled_code, 'is_partial': false} -%}
    {%- set noted = note_of(relation) if existing and may_be_partial() else none -%}
    {%- if noted is none -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- set ways = noted_ways() -%}
    {%- set read = relations_read(model) -%}
    {%- do plan.update(made_of=made_of(compiled_code, run, read, ways)) -%}
    {%- if noted.split(' ')[3] != plan.made_of
        or not is_noted()
        or is_noted_anew(ways, noted.split(' ')[1]) -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- if config.get('meta').get('files') -%}
        {%- do note_files(run[0]) -%}
    {%- endif -%}
    {%- set counted = choose_parts(ways, read, noted.split(' ')[1], run[0]) -%}
    {%- if counted[0] * 2 > counted[1] -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- if config.get('meta').get('files') -%}
        {%- do run_query(keep_files_of(config.get('meta')['files'], parts_now(model.name))) -%}
    {%- endif -%}
    {%- do plan.update(
        is_partial=true, code=code_of_parts(compiled_code, ways, read)
    ) -%}
    {{ return(plan) }}
{%- endmacro %}

{#- Not where all is asked for, nor for code that no text here contains: it made files of landing too. -#}
{% macro may_be_partial() -%}
    {{ return(
        config.get('meta').get('part')
        and not flags.FULL_REFRESH
        and var('as_known_at', '9999-12-31T00:00:00Z') == '9999-12-31T00:00:00Z'
        and (
            (model['language'] == 'sql' and not config.get('meta').get('files'))
            or env_var('REGISTER_CODE', '') != ''
        )
    ) }}
{%- endmacro %}

{#- What a table's comment says of the run that made it; none where it was made another way. -#}
{% macro note_of(relation) -%}
    {%- if is_published(relation) -%}
        {{ return(note_of_published(relation)) }}
    {%- endif -%}
    {%- set found = run_query(
        "select comment from duckdb_tables() where database_name = '" ~ relation.database
        ~ "' and schema_name = '" ~ relation.schema ~ "' and table_name = '" ~ relation.identifier
        ~ "' and comment like 'run % of %'"
    ).rows -%}
    {{ return(found[0][0] if found else none) }}
{%- endmacro %}

{#- The tables in which parts are noted. -#}
{% macro tables_of_parts() -%}
    {{ return(run_query(
        "select table_name from duckdb_tables() where database_name = '" ~ target.database
        ~ "' and schema_name = 'parts'"
    ).columns[0].values() | list) }}
{%- endmacro %}

{#- Whether the model's own parts are noted, and its files. -#}
{% macro is_noted() -%}
    {%- set wanted = [] -%}
    {%- if not is_published(this) -%}
        {%- do wanted.append(model.name ~ '__by__' ~ config.get('meta')['part']) -%}
    {%- endif -%}
    {%- if config.get('meta').get('files') -%}
        {%- do wanted.append(model.name ~ '__by__files') -%}
    {%- endif -%}
    {{ return(wanted | reject('in', tables_of_parts()) | list | length == 0) }}
{%- endmacro %}

{#- Whether noting a parent began after a run: of parts that were gone by then nothing is known. -#}
{% macro is_noted_anew(ways, last) -%}
    {%- for name, way in ways.items() -%}
        {%- if run_query(
            'select 1 from ' ~ parts_of(name, way.noted_by)
            ~ ' where part is null and changed_at > ' ~ last
        ).rows -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{#- Notes which parts are made in this run; how many have changed, and how many there are. -#}
{% macro choose_parts(ways, read, last, run) -%}
    {%- set known = known_parts(this) -%}
    {#- Where no parent is noted, none has changed, for each counts whole. -#}
    {%- set queries = ['select part from ' ~ known ~ ' as known where false'] -%}
    {%- if config.get('meta').get('files') -%}
        {%- do queries.append(
            'select part from ' ~ parts_of(model.name, 'files') ~ ' where changed_at > ' ~ last
        ) -%}
    {%- endif -%}
    {%- for name, way in ways.items() -%}
        {%- set moved = 'select part from ' ~ parts_of(name, way.noted_by)
            ~ ' where changed_at > ' ~ last -%}
        {%- if way.query -%}
            {%- do queries.append(
                (way.query ~ ' ') | replace(' this ', ' ' ~ this ~ ' ')
                | replace(' ' ~ name ~ ' ', ' ' ~ read[name] ~ ' ')
                | replace(' changed ', ' (' ~ moved ~ ') ')
            ) -%}
        {%- else -%}
            {%- do queries.append(
                moved if way.by is none
                else parts_where(way.by, way.column_there, moved, ways, read)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace table ' ~ parts_now(model.name) ~ ' as with changed (part) as ('
        ~ queries | join(' union ') ~ ') select part, false as is_sample from changed'
        ~ ' where part is not null union all select part, true as is_sample from ' ~ known
        ~ ' as known where fingerprint is not null and hash(part) % 100 = ' ~ run ~ ' % 100'
        ~ ' and part not in (select part from changed where part is not null)'
    ) -%}
    {{ return(run_query(
        'select count(*) filter (not is_sample), (select count(*) from ' ~ known
        ~ ' as known where fingerprint is not null) from ' ~ parts_now(model.name)
    ).rows[0]) }}
{%- endmacro %}

{#- The code of a model with the rows of its parts in place of each parent that has them. -#}
{% macro code_of_parts(compiled_code, ways, read) -%}
    {%- set made = namespace(code=compiled_code) -%}
    {%- set name = config.get('meta').get('counted_whole') -%}
    {%- if name -%}
        {%- set made.code = made.code | replace(
            context[name](), name ~ ' as (from ' ~ counted_whole() ~ ')'
        ) -%}
    {%- endif -%}
    {%- set now = 'select part from ' ~ parts_now(model.name) -%}
    {%- set is_python = model['language'] == 'python' -%}
    {%- for name, way in ways.items() if not way.query -%}
        {%- set named = read[name] | replace('"', '\\"') if is_python else read[name] -%}
        {%- if named not in made.code -%}
            {{ exceptions.raise_compiler_error(model.name ~ ' reads no ' ~ name) }}
        {%- endif -%}
        {%- set made.code = made.code | replace(named, '<' ~ name ~ '>') -%}
    {%- endfor -%}
    {%- for name, way in ways.items() if not way.query -%}
        {%- set rows = '(select * from ' ~ read[name] ~ ' where '
            ~ is_of_parts(name, now, ways, read) ~ ')' -%}
        {%- set made.code = made.code | replace(
            '<' ~ name ~ '>', rows | replace('"', '\\"') if is_python else rows
        ) -%}
    {%- endfor -%}
    {{ return(made.code) }}
{%- endmacro %}
