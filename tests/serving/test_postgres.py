"""The register in PostgreSQL: what is there, what a failure leaves, and what is never told."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg import conninfo, errors
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import Generation
from register.serving import PostgresError, UnservedTypeError, serve_postgres, served_generation
from register.settings import Settings
from tests.serving.registers import KEYS, published
from tests.serving.server import Server

CONSTRAINTS = """
    select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
    where contype in ('p', 'f') and conrelid::regclass::text like 'register.%' order by 1, 2
"""
SCHEMAS = "select nspname from pg_namespace where nspname !~ '^pg_|information_schema|public'"


def _rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.postgres_dsn) as connection:
        return connection.execute(query).fetchall()


def _stamp(settings: Settings) -> int:
    return int(_rows(settings, "select distinct stamp from agreement.agg_episodes_by_year")[0][0])


def _published_rows(generation: Generation, query: str) -> list[tuple[Any, ...]]:
    path = str(generation.folder / "national_register.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_every_row_type_key_and_comment_is_there(to_postgres: Settings) -> None:
    """Prevents a database in which an analyst misses what the file has."""
    generation = published(to_postgres, 1)
    served = serve_postgres(to_postgres, generation, KEYS)
    assert served.table_count == 8
    for table in ("register.fct_episodes", "register.dim_authorities_current"):
        query = f"select * from {table} order by 1"
        assert _rows(to_postgres, query) == _published_rows(generation, query)
    assert _rows(to_postgres, CONSTRAINTS) == [
        ("register.dim_authorities", "PRIMARY KEY (authority_version_id)"),
        ("register.dim_authorities_current", "PRIMARY KEY (authority_code_dfe)"),
        (
            "register.fct_episodes",
            "FOREIGN KEY (authority_code_dfe) REFERENCES"
            " register.dim_authorities_current(authority_code_dfe)",
        ),
        ("register.fct_episodes", "PRIMARY KEY (episode_id_register)"),
        ("register.published_generation", "PRIMARY KEY (generation_id)"),
    ]
    types = _rows(
        to_postgres,
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'register' and table_name = 'fct_episodes'"
        " order by ordinal_position",
    )
    assert types[0] == ("episode_id_register", "text", "NO")
    assert types[4] == ("started_at", "timestamp without time zone", "NO")
    assert types[6] == ("duration_hours_upper", "double precision", "YES")
    described = _rows(
        to_postgres,
        "select obj_description('register.fct_episodes'::regclass),"
        " col_description('register.fct_episodes'::regclass, 8)",
    )
    assert described == [("One row per episode; an author's note.", "Invented.")]


def test_the_next_generation_takes_the_place_of_the_one_before(to_postgres: Settings) -> None:
    """Prevents two generations next to each other, and leftovers that fill a disk."""
    assert served_generation(to_postgres, "postgres") is None
    serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    second = published(to_postgres, 2)
    serve_postgres(to_postgres, second, KEYS)
    assert _stamp(to_postgres) == 2
    assert served_generation(to_postgres, "postgres") == second.generation_id
    generation = _rows(to_postgres, "select generation_id from register.published_generation")
    assert generation == [(second.generation_id,)]
    assert {name for (name,) in _rows(to_postgres, SCHEMAS)} == {
        "agreement",
        "area_agreement",
        "area_exact_agreement",
        "area_exact_register",
        "area_register",
        "coarse_agreement",
        "coarse_register",
        "register",
        "register_access",
        "register_serving",
        "rounded_agreement",
        "rounded_register",
    }


@pytest.mark.parametrize(
    ("statement", "refusal", "message"),
    [
        (
            "create table register.odd as select interval 1 day as span",
            UnservedTypeError,
            r"register\.odd\.span",
        ),
        (
            "update register.fct_episodes set authority_code_dfe = 'nowhere'",
            PostgresError,
            "violates foreign key constraint",
        ),
        (
            "create view register.odd as select hash(note) as hashed from register.fct_episodes",
            PostgresError,
            "serving to PostgreSQL failed",
        ),
    ],
)
def test_a_load_that_fails_leaves_the_register_that_was_there(
    to_postgres: Settings, statement: str, refusal: type[Exception], message: str
) -> None:
    """Prevents readers from losing what they had to a load that went wrong."""
    serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    with pytest.raises(refusal, match=message) as failure:
        serve_postgres(to_postgres, published(to_postgres, 2, statement), KEYS)
    assert "nowhere" not in str(failure.value), "no value of a record is told"
    assert _stamp(to_postgres) == 1
    assert not [name for (name,) in _rows(to_postgres, SCHEMAS) if name.endswith("_next")]


def test_what_a_killed_load_left_is_cleared(to_postgres: Settings) -> None:
    """Prevents every load after a killed one from failing."""
    generation = published(to_postgres, 1)
    serve_postgres(to_postgres, generation, KEYS)
    with psycopg.connect(to_postgres.postgres_dsn) as connection:
        for name in ("register_next", "register_old", "agreement_next"):
            connection.execute(f"create schema {name}")
            connection.execute(f"create table {name}.fct_episodes ()")
            connection.execute(
                "do $$ begin execute format('comment on schema %I is %L', '"
                + name
                + "', obj_description('register'::regnamespace)); end $$"
            )
    serve_postgres(to_postgres, generation, KEYS)
    assert len(_rows(to_postgres, SCHEMAS)) == 12


def test_what_is_not_the_registers_stays(to_postgres: Settings) -> None:
    """Prevents a load from dropping a schema or a view that somebody else made."""
    with psycopg.connect(to_postgres.postgres_dsn) as connection:
        connection.execute("create schema agreement create table signed (by text)")
    with pytest.raises(PostgresError, match="a schema agreement that the register did not make"):
        serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    with psycopg.connect(to_postgres.postgres_dsn) as connection:
        connection.execute("drop schema agreement cascade")
    serve_postgres(to_postgres, published(to_postgres, 2), KEYS)
    with psycopg.connect(to_postgres.postgres_dsn) as connection:
        connection.execute("create schema mine")
        connection.execute("create view mine.open as select * from register.fct_episodes")
    with pytest.raises(PostgresError, match=r"1 views outside .* \(mine\.open\)"):
        serve_postgres(to_postgres, published(to_postgres, 3), KEYS)
    assert _stamp(to_postgres) == 2


def test_no_error_tells_the_password(
    to_postgres: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a password of the database in a log, a terminal or Dagster's metadata."""
    generation = published(to_postgres, 1)
    wrong = conninfo.make_conninfo(to_postgres.postgres_dsn, password="wrong-word")
    for dsn in (wrong, f"{wrong} nonsense", "wrong-word", "postgresql://u:wrong-word@[", ""):
        with pytest.raises(PostgresError) as failure:
            serve_postgres(replace(to_postgres, postgres_dsn=dsn), generation, KEYS)
        assert "wrong-word" not in str(failure.value)
        assert failure.value.__cause__ is None
        assert failure.value.__suppress_context__
    monkeypatch.setenv("REGISTER_HOME", str(to_postgres.home))
    monkeypatch.setenv("REGISTER_POSTGRES_DSN", wrong)
    monkeypatch.setattr("orchestration.dbt_manifest.load_manifest", lambda _: {"nodes": {}})
    result = CliRunner().invoke(app, ["serve", "postgres"])
    assert result.exit_code == 1
    assert "password authentication failed" in " ".join(result.output.split())
    assert "wrong-word" not in result.output + caplog.text


def test_the_swap_waits_for_a_reader_between_two_tables(to_postgres: Settings) -> None:
    """Prevents one transaction from reading two tables of different generations."""
    serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    second = published(to_postgres, 2)
    loading = threading.Thread(target=serve_postgres, args=(to_postgres, second, KEYS))
    with psycopg.connect(to_postgres.postgres_dsn) as reader:
        (first,) = reader.execute("select generation_id from register.published_generation")
        loading.start()
        _wait_for(to_postgres, "lock table")
        (stamp,) = reader.execute("select distinct stamp from agreement.agg_episodes_by_year")
        assert (first != (second.generation_id,), stamp) == (True, (1,))
        assert loading.is_alive()
    loading.join(timeout=60)
    assert _stamp(to_postgres) == 2


def test_a_transaction_that_began_before_a_load_finds_every_row(to_postgres: Settings) -> None:
    """Prevents a long report from finding the new tables empty."""
    serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    loading = threading.Thread(
        target=serve_postgres, args=(to_postgres, published(to_postgres, 2), KEYS)
    )
    with psycopg.connect(to_postgres.postgres_dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select 1")
        loading.start()
        _wait_for(to_postgres, "vacuum|relfrozenxid")
        time.sleep(1)
        (counts,) = reader.execute("select count(*) from register.fct_episodes")
        assert counts == (4,)
    loading.join(timeout=60)
    assert _stamp(to_postgres) == 2


def test_a_reader_that_never_ends_is_told_and_keeps_the_old(
    to_postgres: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one session left open from stopping a load for ever without a word."""
    monkeypatch.setattr("register.serving.postgres_swap.WAIT_SECONDS", 0.5)
    serve_postgres(to_postgres, published(to_postgres, 1), KEYS)
    with psycopg.connect(to_postgres.postgres_dsn) as reader:
        reader.execute("select count(*) from register.fct_episodes")
        with pytest.raises(PostgresError, match="readers hold tables in transactions"):
            serve_postgres(to_postgres, published(to_postgres, 2), KEYS)
    assert _stamp(to_postgres) == 1


def _wait_for(settings: Settings, statement: str) -> None:
    """Wait until a session runs, or has last run, a statement that this pattern finds."""
    for _ in range(600):
        if _rows(
            settings,
            "select 1 from pg_stat_activity where pid <> pg_backend_pid()"
            f" and query ~* '{statement}' and query not like '%pg_stat_activity%'",
        ):
            return
        time.sleep(0.05)
    raise AssertionError(f"no session ran {statement}")


def test_no_log_in_can_keep_a_load_out(to_postgres: Settings, server: Server) -> None:
    """Prevents an advisory lock that anybody may take from stopping every load."""
    serve_postgres(to_postgres, published(to_postgres, 1))
    member = server.member(to_postgres.postgres_dsn, "blocker", "register_area")
    with psycopg.connect(member, autocommit=True) as blocker:
        blocker.execute("select pg_advisory_lock(hashtext('national register: serving'))")
        with pytest.raises(errors.InsufficientPrivilege), blocker.transaction():
            blocker.execute("lock table register_serving.one_at_a_time in access share mode")
        serve_postgres(to_postgres, published(to_postgres, 2))
    with psycopg.connect(to_postgres.postgres_dsn) as other:
        other.execute("lock table register_serving.one_at_a_time in exclusive mode")
        with pytest.raises(PostgresError, match="another load into this database is under way"):
            serve_postgres(to_postgres, published(to_postgres, 3))
