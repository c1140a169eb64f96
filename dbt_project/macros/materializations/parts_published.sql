{#
    Parts of a table that is published (`parts.sql`). It lies in a file of the generation, which a
    load begins as a copy of the last one's. The stamp in that file says which generation that was,
    and `parts.published` which run made the table for it: nobody but readers wants a mart's parts,
    so none are noted.
#}

{#- Whether a table is published: it lies in a file of the generation, not in the warehouse. -#}
{% macro is_published(relation) -%}
    {{ return(relation.database != target.database) }}
{%- endmacro %}

{#- The generation that a file was copied from; none where it was begun empty. -#}
{% macro copied_generation(database) -%}
    {%- set found = run_query(
        "select schema_name from duckdb_tables() where table_name = 'published_generation'"
        ~ " and database_name = '" ~ database ~ "'"
    ).rows -%}
    {%- if not found -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(run_query(
        'select generation_id from ' ~ database ~ '.' ~ found[0][0] ~ '.published_generation'
    ).rows[0][0]) }}
{%- endmacro %}

{#-
    What is noted of the run that made a published table; none where it was made another way, or where
    so many of its rows were replaced that the file should be written again.
#}
{% macro note_of_published(relation) -%}
    {%- set copied = copied_generation(relation.database) -%}
    {%- set found = run_query(
        "select 'run ' || run || ' of ' || made_of, replaced_rows from " ~ target.database
        ~ ".parts.published where relation = '" ~ relation ~ "' and generation_id = '"
        ~ copied ~ "' and replaced_rows is not null"
    ).rows if copied else [] -%}
    {%- if not found -%}
        {#- What is not noted, because it is small, was dropped from the copy. -#}
        {{ return(none) }}
    {%- endif -%}
    {%- set row_count = run_query('select count(*) from ' ~ relation).rows[0][0] -%}
    {{ return(found[0][0] if found[0][1] * 4 < row_count else none) }}
{%- endmacro %}

{#-
    The start of a run: of files that are copies only tables by parts are kept. What is written whole
    would need room beside its last rows. A file whose stamp is that of its own folder is published:
    nothing of it is touched, whoever runs dbt on it.
#}
{% macro begin_published() -%}
    {%- if execute and has_parts() and 'published' in tables_of_parts() -%}
        {%- set name = "concat('\"', database_name, '\".\"', schema_name, '\".\"', table_name, '\"')" -%}
        {%- set building = run_query('select ' ~ building_generation_id()).rows[0][0] -%}
        {%- for (database,) in run_query(
            "select database_name from duckdb_tables() where table_name = 'published_generation'"
        ).rows if copied_generation(database) != building -%}
            {%- for (table,) in run_query(
                'select ' ~ name ~ " from duckdb_tables() where database_name = '" ~ database
                ~ "' and table_name != 'published_generation' and " ~ name
                ~ ' not in (select relation from ' ~ target.database ~ '.parts.published'
                ~ " where generation_id = '" ~ copied_generation(database) ~ "')"
            ).rows -%}
                {%- do run_query('drop table ' ~ table) -%}
            {%- endfor -%}
            {%- do run_query('checkpoint ' ~ database) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The parts of a table with what is known of their rows; of a published one, that it has some. -#}
{% macro known_parts(relation) -%}
    {%- set part = config.get('meta')['part'] -%}
    {%- if not is_published(relation) -%}
        {{ return(parts_of(relation.identifier, part)) }}
    {%- endif -%}
    {{ return('(select distinct ' ~ part ~ ' as part, 1 as fingerprint from ' ~ relation ~ ')') }}
{%- endmacro %}

{#- The statements that put rows made again in place of the last ones in a published table. -#}
{% macro replace_published_parts(relation, compiled_code, plan) -%}
    {%- set part = config.get('meta')['part'] -%}
    {%- set now = parts_now(model.name) -%}
    create or replace temp table rows_made as from {{ relation }} limit 0;
    insert into rows_made {{ published_rows(compiled_code) }};
    {{ refuse_rows_without(part, 'rows_made') }}
    create or replace temp table parts_differing as
    with made as (
        select {{ part }} as part, {{ fingerprint_of_rows(relation) }} as fingerprint
        from rows_made as given
        group by {{ part }}
    ),

    known as (
        select
            {{ part }} as part,
            {{ fingerprint_of_rows(relation) }} as fingerprint,
            count(*) as row_count,
        from {{ relation }} as given
        where {{ part }} in (select part from {{ now }})
        group by {{ part }}
    )

    select
        given.part,
        given.is_sample,
        coalesce(known.row_count, 0) as row_count,
    from {{ now }} as given
    left join made on given.part = made.part
    left join known on given.part = known.part
    where made.fingerprint is distinct from known.fingerprint;
    {{ refuse_other_samples('parts_differing') }}
    delete from {{ relation }} where {{ part }} in (select part from parts_differing);
    insert into {{ relation }} from rows_made
    where {{ part }} in (select part from parts_differing);
{%- endmacro %}

{#- Notes the run that made a published table for the generation that is built. -#}
{% macro note_published(relation, plan) -%}
    {%- set notes = target.database ~ '.parts.published' -%}
    {%- if plan.is_partial -%}
        {%- set replaced -%}
            (select coalesce(sum(row_count), 0) from parts_differing)
            + (
                select replaced_rows from {{ notes }}
                where relation = '{{ relation }}'
                    and generation_id = '{{ copied_generation(relation.database) }}'
            )
        {%- endset -%}
    {%- else -%}
        {%- do run_query('drop table if exists ' ~ parts_now(model.name)) -%}
        {%- set counted = 'select count(*) from ' ~ relation -%}
        {%- if run_query(counted).rows[0][0] < least_rows_in_parts() -%}
            {{ return('') }}
        {%- endif -%}
        {%- set replaced = '0' -%}
        {%- do plan.update(made_of=made_of(
            plan.compiled_code, plan.run, relations_read(model), noted_ways()
        )) -%}
    {%- endif -%}
    {%- call statement('parts') -%}
        {{ refuse_rows_without(config.get('meta')['part'], relation) }}
        {#- Others note theirs beside it, and what it was copied from is still read. -#}
        delete from {{ notes }}
        where relation = '{{ relation }}'
            and (
                (
                    run <= {{ plan.run[0] }} - 100
                    and generation_id != '{{ copied_generation(relation.database) }}'
                )
                or generation_id = {{ building_generation_id() }}
            );
        insert into {{ notes }}
        select
            '{{ relation }}' as relation,
            {{ building_generation_id() }} as generation_id,
            {{ plan.run[0] }} as run,
            '{{ plan.made_of }}' as made_of,
            {{ replaced }} as replaced_rows;
    {%- endcall -%}
{%- endmacro %}
