create or replace table {schema}.{table} (
    generation_id varchar not null primary key,
    as_known_at varchar
);
comment on table {schema}.{table} is
    'One row: the generation that this file is part of. Files that are read together are of one'
    ' generation where their ids are the same.';
comment on column {schema}.{table}.generation_id is
    'Primary key of the generation, which sorts by time; the name of its folder.';
comment on column {schema}.{table}.as_known_at is
    'Moment that a look back shows the register at (UTC); null for the register of its day.';
