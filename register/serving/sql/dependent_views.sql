select distinct outside.relnamespace::regnamespace::text || '.' || outside.relname
from pg_depend
inner join pg_rewrite on pg_depend.classid = 'pg_rewrite'::regclass
    and pg_depend.objid = pg_rewrite.oid
inner join pg_class as outside on pg_rewrite.ev_class = outside.oid
inner join pg_class as served on pg_depend.refobjid = served.oid
    and pg_depend.refclassid = 'pg_class'::regclass
where served.relnamespace::regnamespace::text = any(%(schemas)s)
    and not outside.relnamespace::regnamespace::text = any(%(schemas)s)
order by 1
