"""Builds small registers through the public entry points, and reads what they published."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from register.feeds import land_everything, land_postcodes
from register.settings import Settings
from tests.dbt.runs import dbt_target, next_folder, run_dbt

Rows = Counter[tuple[object, ...]]


def land(settings: Settings) -> None:
    """Land whatever the inbox holds."""
    land_postcodes(settings)
    land_everything(settings)


def build(
    settings: Settings, name: str, *, as_known_at: str | None = None, only: tuple[str, ...] = ()
) -> Path:
    """Build the marts of one generation without tests and without publishing it; its folder.

    With `only` it builds what is named, tests too, and no test that is not named.
    """
    folder = next_folder(settings, name)
    known = [] if as_known_at is None else ["--vars", f"{{as_known_at: '{as_known_at}'}}"]
    if only:
        chosen = ["--select", *only, "--indirect-selection", "empty"]
    else:
        chosen = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    outcome = run_dbt(settings, folder, "build", *chosen, *known)
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
    """Read every row of every published table; fractions to nine digits, all else as it is.

    Sums of fractions that threads share differ in their last digits from run to run.
    """
    found = {}
    for name in tables(folder):
        schema, table = name.split(".")
        doubles = rows(
            folder,
            "select column_name from information_schema.columns where data_type = 'DOUBLE'"
            f" and table_schema = '{schema}' and table_name = '{table}'",
        )
        names = sorted(str(row[0]) for row in doubles)
        rounded = ", ".join(
            f"case when {column} is not null then printf('%.9g', {column}) end as {column}"
            for column in names
        )
        replaced = f"replace ({rounded})" if names else ""
        found[name] = rows(folder, f"select * {replaced} from {name}")
    return found


def groups(folder: Path, key: str) -> set[frozenset[str]]:
    """Return the reports that share a `key`, as sets: the same groups whatever their names."""
    query = f"""
        select string_agg(feed || supplier_code || file_name || row_number, '|')
        from register.fct_reports where {key} is not null group by {key}
    """
    return {frozenset(str(found).split("|")) for (found,) in rows(folder, query)}
