{#
    Files of landing as parts of a table (`parts.sql`): the folder of a file, a delivery, is its part.
    An empty file of the contract is of no delivery, and is always read.
#}

{#- Notes which deliveries' files, of those that a model's pre-hook chose, are others than they were. -#}
{% macro note_files(run) -%}
    {%- do run_query(note_fingerprints(
        parts_of(model.name, 'files'), states_of_files(config.get('meta')['files']), run
    )) -%}
{%- endmacro %}

{#- How the files that a variable lists are, by delivery. -#}
{% macro states_of_files(variable) -%}
    select
        split_part(filename, '/', -2) as part,
        sum(cast(hash(filename, size, last_modified) as hugeint)) as fingerprint,
    from read_blob(getvariable('{{ variable }}'))
    where split_part(filename, '/', -3) != 'schema'
    group by split_part(filename, '/', -2)
{%- endmacro %}

{#- Leaves the files of some deliveries in the variable. -#}
{% macro keep_files_of(variable, deliveries) -%}
    set variable {{ variable }} = (
        select list(paths.path order by paths.place)
        from (
            select
                unnest(getvariable('{{ variable }}')) as path,
                generate_subscripts(getvariable('{{ variable }}'), 1) as place
        ) as paths
        where
            split_part(paths.path, '/', -3) = 'schema'
            or split_part(paths.path, '/', -2) in (select part from {{ deliveries }})
    )
{%- endmacro %}
