"""A small invented register as dbt would leave it: dimensions, facts, a view, keys, comments."""

from __future__ import annotations

import duckdb

from register.publishing import Generation, publish
from register.serving import ForeignKey
from register.settings import Settings
from tests.publishing.builds import build

TABLES = """
    create table register.dim_authorities (
        authority_version_id varchar not null primary key,
        authority_code_dfe varchar not null,
        valid_from date not null,
    );
    insert into register.dim_authorities values
        ('A1-1', 'A1', '2010-01-01'), ('A1-2', 'A1', '2020-01-01'), ('A2-1', 'A2', '2010-01-01');
    create view register.dim_authorities_current as
        select * from register.dim_authorities
        qualify row_number() over (
            partition by authority_code_dfe order by valid_from desc
        ) = 1;
    create table register.fct_episodes (
        episode_id_register varchar not null primary key,
        child_id_register varchar not null,
        authority_code_dfe varchar,
        collection_year varchar,
        started_at timestamp not null,
        is_open boolean not null,
        duration_hours_upper double,
        note varchar,
    );
    insert into register.fct_episodes values
        ('E3', 'C2', 'A2', '2025-26', '2025-04-02 10:00:00', true, null, ''),
        ('E1', 'C1', 'A1', '2024-25', '2024-04-02 10:00:00.5', false, 4.25, 'a "b", c\\d'),
        ('E2', 'C1', null, null, '2025-04-02 10:00:00', false, 0.1, E'two\nlines'),
        ('E4', 'C1', 'A1', '2025-26', '2025-05-02 10:00:00', false, 1e-7, '\\N');
    comment on table register.fct_episodes is 'One row per episode; an author''s note.';
    comment on column register.fct_episodes.note is 'Invented.';
    create schema agreement;
    create table agreement.agg_episodes_by_year (
        collection_year varchar not null primary key, episode_count bigint, stamp integer,
    );
    insert into agreement.agg_episodes_by_year
        select coalesce(collection_year, 'unknown'), count(*), {stamp}
        from register.fct_episodes group by all;
"""
KEYS = (
    ForeignKey(
        ("register", "fct_episodes"),
        ("authority_code_dfe",),
        ("register", "dim_authorities_current"),
        ("authority_code_dfe",),
    ),
    ForeignKey(("register", "gone"), ("code",), ("register", "dim_authorities"), ("code",)),
)


def published(settings: Settings, stamp: int, *statements: str) -> Generation:
    """Publish the invented register, after `statements` on its pseudonymous file."""
    folder = build(settings, stamp)
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        for statement in (TABLES.format(stamp=stamp), *statements):
            connection.execute(statement)
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute("create table operations.people as select 'Sampleton' as surname")
    return publish(settings, folder)
