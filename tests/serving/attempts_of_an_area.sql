-- Attempts of a member of an area, by kind. A blank line ends an attempt, and each line is one
-- statement; the answer to the last one counts.

-- joins

select * from area_register.fct_episodes full join register.fct_episodes using (episode_id_register)

select * from area_register.fct_episodes own join area_register.fct_episodes other on own.child_id_register <> other.child_id_register

select r.* from area_register.fct_reports r left join area_register.fct_episodes e using (episode_id_register) where e is null

select * from area_register.dim_child_keys natural full join area_register.bridge_child_sources

select * from area_register.dim_placements cross join lateral (select count(*) from register.fct_episodes f where f.placement_id_register = area_register.dim_placements.placement_id_register) counted

select e.*, x.* from area_register.fct_episodes e, lateral (select * from area_register.fct_episodes o where o.child_id_register <> e.child_id_register) x

select * from area_bi.episodes b right join area_register.fct_reports r on true

select (select count(*) from register.fct_episodes) from area_register.fct_episodes

select * from area_register.fct_episodes where child_id_register in (select child_id_register from register.dim_child_keys)

select * from area_register.fct_episodes where exists (select from register.fct_episodes where episode_id_register = 'E3')

select * from area_register.fct_episodes union all select * from register.fct_episodes

select * from area_register.fct_episodes except table coarse_register.fct_episodes

-- aggregates

select count(*), min(episode_id_register), max(episode_id_register) from area_register.fct_episodes

select array_agg(child_id_register) from area_register.fct_episodes

select json_agg(e) from area_bi.episodes e

select xmlagg(xmlelement(name e, episode_id_register)) from area_register.fct_episodes

select lag(episode_id_register) over (order by episode_id_register), lead(child_id_register) over () from area_register.fct_episodes

select collection_year, count(*) from area_register.fct_episodes group by rollup (collection_year)

select percentile_disc(0.99) within group (order by episode_id_register) from area_register.fct_episodes

select episode_id_register from area_register.fct_episodes tablesample system (100)

select sum(episode_count), max(episode_count) from area_bi.episodes

with recursive walk as (select 1 as n union all select n + 1 from walk where n < 9) select 'F' || n from walk join area_register.fct_episodes on episode_id_register = 'F' || n

-- functions that tell or fail

select * from area_register.fct_reports where pg_temp.leak(supplier_code)

select * from area_register.dim_placements where pg_temp.leak(placement_id_register)

select * from area_register.bridge_child_sources where pg_temp.leak(issuer_code)

select * from area_register.dim_child_keys where pg_temp.leak(child_id_register)

select * from area_register.fct_rule_breaches where pg_temp.leak(rule_breach_id)

select * from area_quality.agg_rows_by_delivery where pg_temp.leak(delivery_id)

select * from area_agreement.agg_measures_by_area_year where pg_temp.leak(area_measure_id)

select * from area_register.fct_episodes where pg_temp.leak(authority_code_dfe) or true

select * from area_register.fct_episodes order by pg_temp.leak(episode_id_register)

select pg_temp.leak(row_to_json(e)::text) from area_register.fct_episodes e

select * from area_register.fct_episodes where cast(child_id_register as date) is null

select * from area_register.fct_episodes where cast(episode_id_register as uuid) is null

select * from area_register.fct_episodes where episode_id_register::regclass is null

select * from area_register.fct_episodes where to_date(child_id_register, 'YYYY') is null

select * from area_register.fct_episodes where jsonb(episode_id_register) is null

select * from area_register.fct_episodes where xmlparse(content '<' || episode_id_register) is null

select * from area_register.fct_episodes where 1 / (duration_hours_upper - 3)::integer > 5

select * from area_register.fct_episodes where sqrt(2.5 - duration_hours_upper) > 0

select * from area_register.fct_episodes where substring(episode_id_register, case when child_id_register = 'C3' then -1 else 1 end, -1) = ''

select * from area_register.fct_episodes where repeat(episode_id_register, 100000000) = ''

select * from area_register.fct_reports where report_id_register ~ ('(' || report_id_register)

select * from area_register.fct_reports where set_config('leak.seen', report_id_register, false) is null
select current_setting('leak.seen', true)

create operator pg_temp.=== (leftarg = text, rightarg = text, function = texteq, restrict = eqsel)
select * from area_register.fct_episodes where episode_id_register operator(pg_temp.===) 'E3'

create function pg_temp.tell(text, text) returns boolean language plpgsql cost 0.0001 as $$ begin raise notice '%', $2; return true; end $$
create operator pg_temp.<<>> (leftarg = text, rightarg = text, function = pg_temp.tell)
select * from area_register.fct_episodes where '' operator(pg_temp.<<>>) episode_id_register

create function pg_temp.told(text) returns text language plpgsql immutable parallel safe as $$ begin raise warning '%', $1; return $1; end $$
select * from area_register.dim_child_keys where pg_temp.told(child_id_register) = 'C3'

create domain pg_temp.told as text check (value <> 'C3')
select child_id_register::pg_temp.told from area_register.dim_child_keys

create function pg_temp.same(text, text) returns integer language plpgsql immutable as $$ begin raise notice '% %', $1, $2; return 0; end $$
select pg_temp.same(episode_id_register, child_id_register) from area_register.fct_episodes

-- functions of the owner

select * from register_access.own_areas()

select * from register_access.my_episodes()

select * from register_access.my_children()

select * from register_access.my_reports()

select register_access.my_episodes_exact()

select * from register_access.register_fct_reports() where pg_temp.leak(report_id_register)

select * from register_access.register_fct_episodes() offset 3

select * from register_access.bi_episodes()

create or replace function pg_temp.own_areas() returns setof text language sql as 'select ''330'''
set search_path = pg_temp, register_access
select * from register_access.my_episodes()

alter function register_access.own_areas() security invoker

alter function register_access.own_areas() set search_path = pg_temp

alter function register_access.own_areas() owner to current_user

drop function register_access.own_areas() cascade

select pg_get_functiondef(oid) from pg_proc where proname like '%episodes%' and prosecdef

-- other sessions' rights

set role register_exact

set role register_national_exact

set role west_yorkshire

set local role postgres

grant register_national to current_user

grant select on register.fct_episodes to current_user

alter role current_user superuser

alter role current_user bypassrls

alter default privileges grant select on tables to public

reassign owned by postgres to current_user

select set_config('role', 'west_yorkshire', true)

select set_config('session_authorization', 'postgres', false)

set row_security = off
table area_register.fct_episodes

set session_replication_role = replica

create role second login in role register_national

alter table register.fct_episodes disable row level security

create policy mine on register.fct_episodes using (true)

-- views, tables and triggers

create temp table copied as select * from area_register.fct_episodes
table copied

create temp table copied as select * from register.fct_episodes

create temp view seen with (security_barrier = false) as select * from area_register.fct_reports
select * from seen where pg_temp.leak(report_id_register)

create temp view seen with (security_invoker = false) as table register.fct_reports
table seen

create temp table child () inherits (register.fct_episodes)

create temp table child (like register.fct_episodes including all)
table child

create temp table held (key text references register.fct_episodes)

create materialized view pg_temp.seen as table register.fct_episodes

create rule tell as on insert to area_register.fct_episodes do instead select 1

create trigger tell before insert on register.fct_episodes execute function pg_temp.leak()

alter view area_register.fct_episodes set (security_barrier = false)

alter view area_register.fct_episodes rename to mine

insert into area_register.fct_episodes (episode_id_register) values ('E3') on conflict do nothing

insert into register_access.episode_areas values ('E3', '383')

update area_register.fct_episodes set authority_code_dfe = '383' where true returning *

delete from area_register.fct_reports where true returning *

merge into register.fct_episodes e using (select 1) s on true when matched then update set note = ''

lock table register.fct_episodes

select * from area_register.fct_episodes for update

comment on table register.fct_episodes is 'mine'

create index mine on register.fct_episodes (child_id_register)

create publication mine for table register.fct_episodes

create statistics mine on child_id_register, episode_id_register from register.fct_episodes

create schema mine

create extension dblink

create foreign data wrapper mine

create server mine foreign data wrapper postgres_fdw

-- copies and files

copy register.fct_episodes to stdout

copy (select * from register.fct_episodes) to stdout

copy area_register.fct_episodes to '/tmp/rows'

copy area_register.fct_episodes to program 'cat'

copy register_access.member_areas from program 'echo leeds'

select pg_read_file('PG_VERSION')

select pg_read_binary_file('global/pg_control')

select pg_ls_dir('base')

select * from pg_ls_waldir()

select lo_import('/etc/hostname')

select lo_get(oid) from pg_largeobject_metadata

select loid, data from pg_largeobject

select query_to_xml('table register.fct_episodes', true, true, '')

select table_to_xml('register.fct_episodes', true, true, '')

select schema_to_xml('register', true, true, '')

select cursor_to_xml('all_rows', 9, true, true, '')

select * from ts_stat('select to_tsvector(episode_id_register) from register.fct_episodes')

-- cursors, blocks and prepared statements

do $$ declare r record; begin for r in select * from register.fct_episodes loop raise notice '%', r; end loop; end $$

do $$ declare r record; begin for r in select * from area_register.fct_episodes loop raise notice '%', r; end loop; end $$

do $$ begin execute 'set role register_national_exact'; end $$

do $$ begin perform 1 / count(*) from register.fct_episodes where episode_id_register = 'E9'; end $$

begin
declare all_rows scroll cursor with hold for table area_register.fct_episodes
fetch all from all_rows

begin
declare backward scroll cursor for select * from area_register.fct_episodes
move absolute 3 from backward
fetch next from backward

prepare all_rows (text) as select * from area_register.fct_episodes where episode_id_register = $1
execute all_rows ('E3')

prepare by_area (text) as select * from area_register.fct_episodes where authority_code_dfe = $1 and child_id_register not in ('C2', 'C4')
execute by_area ('330')

select * from pg_cursors

select statement from pg_prepared_statements

create function pg_temp.escalate() returns setof text language sql security definer as 'select episode_id_register from register.fct_episodes'
select * from pg_temp.escalate()

create procedure pg_temp.escalate() language plpgsql security definer as $$ begin set role postgres; end $$
call pg_temp.escalate()

listen keys
notify keys
select pg_notification_queue_usage()

-- catalogues and statistics

select relname, reltuples, relpages from pg_class where relname in ('fct_episodes', 'fct_reports', 'episode_areas')

select relname, n_live_tup, n_tup_ins, n_mod_since_analyze from pg_stat_user_tables

select relname, seq_tup_read, idx_tup_fetch from pg_stat_all_tables where schemaname = 'register'

select relname, heap_blks_read from pg_statio_user_tables

select * from pg_stats_ext

select * from pg_stats_ext_exprs

select most_common_vals, histogram_bounds from pg_stats where schemaname not in ('pg_catalog', 'information_schema')

select stavalues1 from pg_statistic

select query from pg_stat_activity where query like '%F1%'

select * from pg_stat_progress_copy

select * from information_schema.columns where table_schema = 'register'

select * from information_schema.role_table_grants where grantee = 'register_national'

select view_definition from information_schema.views

select pg_get_viewdef('area_register.fct_episodes'::regclass)

select * from pg_policies

select * from pg_sequences

select obj_description('register.fct_episodes'::regclass)

select rolname, rolpassword from pg_authid

select * from pg_shadow

select * from pg_user_mappings

select * from pg_hba_file_rules

select pg_stat_get_live_tuples('register.fct_episodes'::regclass)

select pg_stat_get_tuples_inserted('register.fct_episodes'::regclass)

select has_table_privilege('register_national', 'register.fct_episodes', 'select')

-- plans

explain select * from area_register.fct_episodes

explain (analyze, timing off, summary off) select count(*) from area_register.fct_episodes

explain (analyze, verbose, timing off, summary off) select * from area_register.fct_reports where supplier_code = 'x'

explain (format json) select * from area_register.dim_placements

explain (generic_plan) select * from area_register.fct_episodes where child_id_register = $1

explain (analyze, timing off, summary off) select * from area_register.fct_episodes a join area_register.fct_reports b using (episode_id_register)

explain select * from register_access.register_fct_episodes()

prepare all_rows as table area_register.fct_episodes
explain (analyze, timing off, summary off) execute all_rows

set enable_seqscan = off
explain (analyze, timing off, summary off) select * from area_register.dim_child_keys

load 'auto_explain'

set auto_explain.log_min_duration = 0
set client_min_messages = log
set auto_explain.log_nested_statements = on
select count(*) from area_register.fct_episodes

set log_statement_stats = on
set client_min_messages = log
select count(*) from area_register.fct_episodes

set debug_print_plan = on
set client_min_messages = log
select count(*) from area_register.fct_episodes
