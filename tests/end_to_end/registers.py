"""Builds small registers through the public entry points, and reads what they published."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from register.feeds import land_everything, land_postcodes
from register.publishing import write_generation_id
from register.settings import Settings
from tests.dbt.runs import PUBLICATION, dbt_target, next_folder, run_dbt

Rows = Counter[tuple[object, ...]]
# What is counted, and so does not depend on the order in which deliveries came.
FIGURES = """
    select collection_year, source_status, category_code, care_status_code,
        placing_authority_code_dfe, police_force_code, is_open, count(*),
        count(distinct child_id_register)
    from register.fct_episodes
    group by all
"""


def land(settings: Settings) -> None:
    """Land whatever the inbox holds."""
    land_postcodes(settings)
    land_everything(settings)


def build(
    settings: Settings,
    name: str,
    *,
    generation_id: str | None = None,
    as_known_at: str | None = None,
    only: tuple[str, ...] = (),
    project: Path | None = None,
) -> Path:
    """Build the marts of one generation without tests and without publishing it; its folder.

    With `only` it builds what is named, tests too, and no test that is not named. The generation
    has the id that is given, or else that of this moment. The project is the real one unless a
    copy of all of it is given.
    """
    folder = next_folder(settings, name)
    if generation_id is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_generation_id(folder, generation_id)
    known = [] if as_known_at is None else ["--vars", f"{{as_known_at: '{as_known_at}'}}"]
    if only:
        chosen = ["--select", *only, "--indirect-selection", "empty"]
    else:
        chosen = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    if project is not None:
        known += ["--exclude", f"tag:{PUBLICATION}"]
    outcome = run_dbt(settings, folder, "build", *chosen, *known, project=project)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    return folder


def compiled_models(settings: Settings) -> dict[str, str]:
    """The SQL of every model of the last build, by model."""
    folder = dbt_target(settings) / "compiled" / "national_register" / "models"
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.sql"))
        # Beside a model lie its unit tests, in a folder named for its YAML.
        if path.parent.suffix != ".yml"
    }


def tables(folder: Path, database: str = "national_register") -> list[str]:
    """List the tables of a built generation as `schema.table`."""
    with duckdb.connect(str(folder / f"{database}.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by 1"
        ).fetchall()
    return [name for (name,) in found]


def rows(folder: Path, query: str) -> Rows:
    """Run a query as a BI tool would, and return its rows with how often each occurs."""
    database = folder / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return Counter(connection.execute(query).fetchall())


def contents(folder: Path) -> dict[str, Rows]:
    """Read every row of every published table, as it is."""
    return {name: rows(folder, f"select * from {name}") for name in tables(folder)}


def groups(folder: Path, key: str) -> set[frozenset[str]]:
    """Return the reports that share a `key`, as sets: the same groups whatever their names."""
    query = f"""
        select string_agg(feed || supplier_code || file_name || row_number, '|')
        from register.fct_reports where {key} is not null group by {key}
    """
    return {frozenset(str(found).split("|")) for (found,) in rows(folder, query)}
