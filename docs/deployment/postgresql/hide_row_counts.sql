-- A superuser runs this in the register's database, after the first load:
--     psql --dbname register --file hide_row_counts.sql
-- Without it, every role could read how many rows each table of the nation has. The database's
-- owner and roles that read the nation's rows still can.
begin;

revoke select on pg_catalog.pg_class from public;

do $$
declare
    columns text;
    counting regprocedure;
    reader text;
begin
    select string_agg(quote_ident(attname), ', ') into columns
    from pg_catalog.pg_attribute
    where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0
        and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen');
    execute format('grant select (%s) on pg_catalog.pg_class to public', columns);
    for reader in
        select rolname from pg_catalog.pg_roles
        where rolname in ('pg_monitor', 'register_national', 'register_national_exact')
            or oid = (select datdba from pg_catalog.pg_database where datname = current_database())
    loop
        execute format('grant select on pg_catalog.pg_class to %I', reader);
    end loop;
    for counting in
        select oid::regprocedure from pg_catalog.pg_proc
        where pronamespace = 'pg_catalog'::regnamespace
            and (
                proname ~ '^pg_stat_get_(xact_)?(numscans|tuples|live|dead|mod|ins|blocks)_?'
                or proname ~ '^pg_(relation|table|indexes|total_relation|database)_size$'
            )
    loop
        execute format('revoke execute on function %s from public', counting);
        execute format('grant execute on function %s to pg_monitor', counting);
    end loop;
end
$$;

commit;
