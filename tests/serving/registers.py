"""A small invented register as dbt would leave it: dimensions, facts, a view, keys, comments."""

from __future__ import annotations

import duckdb

from register.publishing import Generation, Levels, publish
from register.serving import ForeignKey
from register.settings import Settings
from tests.publishing.builds import build

TABLES = """
    create table register.dim_authorities (
        authority_version_id varchar not null,
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
        episode_id_register varchar not null,
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
        collection_year varchar not null, episode_count bigint, stamp integer,
    );
    insert into agreement.agg_episodes_by_year
        select coalesce(collection_year, 'unknown'), count(*), {stamp}
        from register.fct_episodes group by all;
"""
# Rows about four children: of Leeds, of Birmingham and placed in Leeds, of Birmingham alone; the
# last episode is one that Leeds reported and that is assigned to Birmingham.
CHILDREN = """
    drop table register.fct_reports;
    drop table register.bridge_child_sources;
    drop table register.fct_episodes;
    create table register.dim_placements (
        placement_id_register varchar not null,
        placing_authority_code_dfe varchar, host_authority_code_dfe varchar,
        host_police_force_code varchar,
    );
    insert into register.dim_placements values
        ('P1', '383', '383', 'E23000010'), ('P2', '330', '383', 'E23000010'),
        ('P3', '330', '330', 'E23000014');
    create table register.dim_child_keys (child_id_register varchar not null);
    insert into register.dim_child_keys values ('C1'), ('C2'), ('C3'), ('C4');
    create table register.fct_episodes (
        episode_id_register varchar not null, child_id_register varchar not null,
        authority_code_dfe varchar, placing_authority_code_dfe varchar,
        police_force_code varchar, placement_id_register varchar, collection_year varchar,
        duration_hours_upper double,
    );
    insert into register.fct_episodes values
        ('E1', 'C1', '383', '383', 'E23000010', 'P1', '2025-26', 1),
        ('E2', 'C2', '330', '330', 'E23000014', 'P2', '2025-26', 2),
        ('E3', 'C3', '330', '330', 'E23000014', 'P3', '2025-26', 3),
        ('E4', 'C4', '330', null, 'E23000014', null, '2025-26', 4);
    -- So many that a plan would use an index or statistics, were there any.
    insert into register.fct_episodes
        select 'F' || number, 'C3', '330', '330', 'E23000014', 'P3', '2025-26', 3
        from range(3000) as numbers (number);
    create table register.fct_reports (
        report_id_register varchar not null, episode_id_register varchar,
        supplier_code varchar, collection_year varchar,
    );
    insert into register.fct_reports values
        ('R1', 'E1', 'E23000010', '2025-26'), ('R2', 'E2', '330', '2025-26'),
        ('R3', 'E3', 'E23000014', '2025-26'), ('R4', 'E4', '383', '2025-26'),
        ('R5', null, '383', '2025-26'), ('R6', null, '330', '2025-26');
    create table register.bridge_child_sources (
        mention_id_register varchar not null, child_id_register varchar,
        issuer_code varchar,
    );
    insert into register.bridge_child_sources values
        ('M1', 'C1', '383'), ('M2', 'C2', '330'), ('M3', 'C3', '330'), ('M4', 'C4', '330');
    create table register.fct_identity_events (
        identity_event_id varchar not null, child_id_register varchar,
        other_child_id_register varchar,
    );
    insert into register.fct_identity_events values ('I1', 'C1', 'C3');
    create table register.fct_rule_breaches (
        rule_breach_id varchar not null, supplier_code varchar,
    );
    insert into register.fct_rule_breaches values ('B1', '383'), ('B2', '330');
    create table agreement.agg_measures_by_area_year (
        area_measure_id varchar not null, area_level_code varchar,
        area_code varchar, episode_count bigint,
    );
    insert into agreement.agg_measures_by_area_year values
        ('N', 'nation', 'E92000001', 4), ('L', 'authority', '383', 1), ('B', 'authority', '330', 3);
    create schema quality;
    create table quality.agg_rows_by_delivery (
        delivery_id varchar not null, supplier_code varchar,
    );
    insert into quality.agg_rows_by_delivery values ('D1', '383'), ('D2', '330');
    create schema bi;
    create view bi.episodes as
        select
            episodes.*,
            count_star() over (partition by episodes.child_id_register) as episode_count,
            round(episodes.duration_hours_upper / 3, 2) as rounded,
        from register.fct_episodes as episodes
        left join register.dim_child_keys as keys using (child_id_register);
    create view bi.children_by_year as
        select collection_year, count(*) as episode_count, any_value(authority_code_dfe) as one,
        from bi.episodes group by all;
"""
PRIMARY_KEYS = {
    "register.dim_authorities": ("authority_version_id",),
    "register.fct_episodes": ("episode_id_register",),
    "agreement.agg_episodes_by_year": ("collection_year",),
}
# Keys of the tables in `CHILDREN`.
CHILDREN_PRIMARY_KEYS = {
    **PRIMARY_KEYS,
    "register.dim_placements": ("placement_id_register",),
    "register.dim_child_keys": ("child_id_register",),
    "register.fct_reports": ("report_id_register",),
    "register.bridge_child_sources": ("mention_id_register",),
    "register.fct_identity_events": ("identity_event_id",),
    "register.fct_rule_breaches": ("rule_breach_id",),
    "agreement.agg_measures_by_area_year": ("area_measure_id",),
    "quality.agg_rows_by_delivery": ("delivery_id",),
}
CHILD_KEYS = (
    ForeignKey(
        ("register", "fct_episodes"),
        ("child_id_register",),
        ("register", "dim_child_keys"),
        ("child_id_register",),
    ),
)
KEYS = (
    ForeignKey(
        ("register", "fct_episodes"),
        ("authority_code_dfe",),
        ("register", "dim_authorities_current"),
        ("authority_code_dfe",),
    ),
    ForeignKey(("register", "gone"), ("code",), ("register", "dim_authorities"), ("code",)),
)


def published(
    settings: Settings, stamp: int, *statements: str, levels: Levels | None = None
) -> Generation:
    """Publish the invented register, after `statements` on its pseudonymous file.

    Its coarse form has all relations, with the same values where `levels` does not say otherwise.
    """
    folder = build(settings, stamp)
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        for statement in (TABLES.format(stamp=stamp), *statements):
            connection.execute(statement)
        names = connection.execute(
            "select distinct table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute("create table operations.people as select 'Sampleton' as surname")
    keys = CHILDREN_PRIMARY_KEYS if CHILDREN in statements else PRIMARY_KEYS
    levels = {name: (levels or {}).get(name, {}) for (name,) in names}
    return publish(settings, folder, primary_keys=keys, levels=levels)
