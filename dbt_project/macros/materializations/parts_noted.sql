{# How the parts of a table are replaced, and what is noted of them (`parts.sql`). #}

{#- The statements that put rows made again in place of the last ones, and note what changed. -#}
{% macro replace_parts(relation, rows, plan) -%}
    {%- set part = config.get('meta')['part'] -%}
    {%- set now = parts_now(model.name) -%}
    create or replace temp table rows_made as from {{ relation }} limit 0;
    insert into rows_made {{ rows }};
    {{ refuse_rows_without(part, 'rows_made') }}
    create or replace temp table parts_made as
    select
        {{ part }} as part,
        {{ fingerprint_of_rows(relation) }} as fingerprint,
    from rows_made as given
    group by {{ part }};
    create or replace temp table parts_moved as
    select
        made.part,
        made.is_sample,
        parts_made.fingerprint,
    from {{ now }} as made
    left join {{ parts_of(model.name, part) }} as known on made.part = known.part
    left join parts_made on made.part = parts_made.part
    where known.fingerprint is distinct from parts_made.fingerprint;
    {{ refuse_other_samples('parts_moved') }}
    {%- for column in config.get('meta').get('parts', []) %}
        {%- set key = key_of(model.name, column) %}
    create or replace temp table keys_moved_{{ loop.index }} as
    select {{ key }} as part from {{ relation }}
    where {{ part }} in (select part from parts_moved)
    union
    select {{ key }} as part from rows_made
    where {{ part }} in (select part from parts_moved);
    {%- endfor %}
    delete from {{ relation }} where {{ part }} in (select part from parts_moved);
    insert into {{ relation }} from rows_made
    where {{ part }} in (select part from parts_moved);
    {{ note_moved(parts_of(model.name, part), plan.run[0]) }}
    {%- for column in config.get('meta').get('parts', []) %}
    {{ note_parts(relation, column, plan.run[0], 'keys_moved_' ~ loop.index) }}
    {%- endfor %}
    {{ comment_of_run(relation, plan) }}
{%- endmacro %}

{#- A part that nothing changed must be as it was. -#}
{% macro refuse_other_samples(differing) -%}
    select error(
        'parts of {{ model.name }} that nothing changed are others than they were:'
        || ' load with --refresh'
    )
    from {{ differing }} where is_sample;
{%- endmacro %}

{#- A row without a part would never be made again. -#}
{% macro refuse_rows_without(part, relation) -%}
    select error('a row of {{ model.name }} has no {{ part }}')
    from {{ relation }} where {{ part }} is null;
{%- endmacro %}

{#- After a table was made whole: its parts are noted where it is large, and forgotten where not. -#}
{% macro note_whole(relation, plan) -%}
    {%- set part = config.get('meta').get('part') -%}
    {%- set is_large = config.get('meta').get('is_noted_if_small') or run_query(
        'select count(*) from ' ~ relation
    ).rows[0][0] >= least_rows_in_parts() -%}
    {%- if part and is_large and not plan.made_of -%}
        {%- do plan.update(made_of=made_of(
            plan.compiled_code, plan.run, relations_read(model), noted_ways()
        )) -%}
    {%- endif -%}
    {%- call statement('parts') -%}
        {%- if part %}
            drop table if exists {{ parts_now(model.name) }};
            {{ refuse_rows_without(part, relation) }}
        {%- endif %}
        {%- for column in part_columns() %}
            {%- if is_large %}
                {{ note_parts(relation, column, plan.run[0]) }}
            {%- else %}
                drop table if exists {{ parts_of(model.name, column) }};
            {%- endif %}
        {%- endfor %}
        {%- if part and is_large %}
            {{ comment_of_run(relation, plan) }}
        {%- endif %}
        select 1;
    {%- endcall -%}
    {%- if config.get('meta').get('files') and is_large -%}
        {%- do note_files(plan.run[0]) -%}
    {%- endif -%}
{%- endmacro %}

{#-
    Notes the parts of a relation by a column whose rows are others than they were: of all parts, or of
    those in a table.
#}
{% macro note_parts(relation, column, run, among=none) -%}
    {%- set key = key_of(model.name, column) -%}
    {%- set made -%}
        select
            {{ key }} as part,
            {{ fingerprint_of_rows(relation) }} as fingerprint,
        from {{ relation }} as given
        where {{ key }} is not null
            {{ 'and ' ~ key ~ ' in (select part from ' ~ among ~ ')' if among }}
        group by {{ key }}
    {%- endset -%}
    {{ note_fingerprints(parts_of(model.name, column), made, run, among) }}
{%- endmacro %}

{#- Notes the parts whose fingerprints in a query are others than those that are known. -#}
{% macro note_fingerprints(known, made, run, among=none) -%}
    create table if not exists {{ known }} as
    select
        part,
        cast(0 as hugeint) as fingerprint,
        cast(0 as bigint) as changed_at,
    from ({{ made }}) as made limit 0;
    {#- A line without a part says when noting began: what was gone before is not known. -#}
    insert into {{ known }}
    select null as part, null as fingerprint, {{ run }} as changed_at
    where not exists (select 1 from {{ known }} where part is null);
    create or replace temp table parts_moved as
    with made as (
        {{ made }}
    )
    select
        coalesce(made.part, known.part) as part,
        made.fingerprint,
    from made
    full outer join (
        from {{ known }} {{ 'where part in (select part from ' ~ among ~ ')' if among }}
    ) as known on made.part = known.part
    where made.fingerprint is distinct from known.fingerprint;
    {{ note_moved(known, run) }}
{%- endmacro %}

{#- The parts in `parts_moved` changed in this run; those that are gone keep a line without rows. -#}
{% macro note_moved(known, run) -%}
    delete from {{ known }} where part in (select part from parts_moved);
    insert into {{ known }} select part, fingerprint, {{ run }} as changed_at from parts_moved;
{%- endmacro %}

{#- The sum of the hashes of rows, in whatever order; names of columns are part of it. -#}
{% macro fingerprint_of_rows(relation) -%}
    sum(cast(hash(given, {{ columns_of(relation) }}) as hugeint))
{%- endmacro %}

{#- What a table was made of and in which run, in its comment: gone when it is made another way. -#}
{% macro comment_of_run(relation, plan) -%}
    comment on table {{ relation }} is 'run {{ plan.run[0] }} of {{ plan.made_of }}';
{%- endmacro %}
