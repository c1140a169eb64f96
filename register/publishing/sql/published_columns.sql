-- One row per column of each published table and view, in the order of the columns.
select
    columns.schema_name,
    columns.table_name,
    trim(coalesce(relations.comment, ''), e' \n') as table_comment,
    columns.column_name,
    columns.data_type,
    columns.is_nullable,
    trim(coalesce(columns.comment, ''), e' \n') as column_comment
from duckdb_columns() as columns
inner join (
    select schema_name, table_name, comment
    from duckdb_tables()
    where database_name = current_database()
    union all
    select schema_name, view_name, comment
    from duckdb_views()
    where database_name = current_database() and not internal
) as relations
    on
        columns.schema_name = relations.schema_name
        and columns.table_name = relations.table_name
where columns.database_name = current_database() and not columns.internal
order by columns.schema_name, columns.table_name, columns.column_index
