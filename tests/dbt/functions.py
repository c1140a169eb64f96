"""The database functions of the dbt project in a DuckDB of its own, over a table of cases.

The functions are created as dbt creates them (`functions/`), rendered without dbt.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

import duckdb
import jinja2
import pandas as pd
import yaml

from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dbt_project"
# Macros with tags that only dbt knows.
FOR_DBT_ALONE = frozenset({"generic_tests", "materializations"})


class _Adapter:
    """Finds a macro in the words of an engine, as dbt's adapter does."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    @jinja2.pass_context
    def dispatch(self, context: jinja2.runtime.Context, name: str) -> Any:
        return context.resolve(f"{self._engine}__{name}")


class _CrossDatabase:
    """dbt's own macros that the functions need."""

    @staticmethod
    def dateadd(part: str, count: int, moment: str) -> str:
        return f"date_add({moment}, interval ({count}) {part})"


@cache
def _macros() -> str:
    paths = sorted((FOLDER / "macros").rglob("*.sql"))
    used = [path for path in paths if path.parent.name not in FOR_DBT_ALONE]
    return "\n".join(path.read_text(encoding="utf-8") for path in used)


@cache
def rendered(call: str, engine: str = "duckdb", key_id: str = "") -> str:
    """Return the SQL of a macro call, as dbt would render it for an engine.

    With the id of a key, the home is encrypted.
    """
    return _rendered("{{ " + call + " }}", engine, set(), {"REGISTER_PARQUET_KEY_ID": key_id})


@cache
def definitions(engine: str = "duckdb", folder: str = ".") -> str:
    """Return the SQL that creates the functions of a folder as dbt would: each after its own."""
    arguments = _arguments()
    bodies, called = {}, {}
    for path in (FOLDER / "functions" / folder).rglob("*.sql"):
        called[path.stem] = set[str]()
        bodies[path.stem] = _rendered(path.read_text("utf-8"), engine, called[path.stem])
    assert bodies
    return "\n".join(
        f"create or replace macro {name}({', '.join(arguments[name])}) as ({bodies[name]});"
        for name in TopologicalSorter(called).static_order()
    )


def _rendered(
    text: str, engine: str, called: set[str], environ: Mapping[str, str] | None = None
) -> str:
    """Return what dbt would render, and add the functions that it names to `called`."""

    def function(name: str) -> str:
        called.add(name)
        return name

    project = yaml.safe_load((FOLDER / "dbt_project.yml").read_text(encoding="utf-8"))
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    return environment.from_string(_macros() + text).render(
        {"var": project["vars"].__getitem__, "adapter": _Adapter(engine), "dbt": _CrossDatabase,
         "env_var": lambda name, usual="": (environ or {}).get(name, usual),
         "function": function, "return": lambda value: value}
    ).strip()  # fmt: skip


def _arguments() -> dict[str, list[str]]:
    described = yaml.safe_load((FOLDER / "functions" / "functions.yml").read_text("utf-8"))
    return {
        entry["name"]: [argument["name"] for argument in entry["arguments"]]
        for entry in described["functions"]
    }


@cache
def database() -> duckdb.DuckDBPyConnection:
    """A database in memory that has the functions, made once for all tests of a process."""
    connection = duckdb.connect()
    connection.execute(definitions())
    return connection


def evaluated(cases: pd.DataFrame, **expressions: str) -> pd.DataFrame:
    """Return one column per named SQL expression, one row per case."""
    columns = ", ".join(f"{expression} as {name}" for name, expression in expressions.items())
    return _queried(cases, f"select {columns} from cases")


def expanded(cases: pd.DataFrame, call: str) -> pd.DataFrame:
    """Return the columns that a macro of several columns makes."""
    return _queried(cases, f"select {rendered(call)} from cases")


def _queried(cases: pd.DataFrame, query: str) -> pd.DataFrame:
    connection = database().register("cases", cases)
    found: Any = connection.execute(query).df()
    return pd.DataFrame(found)
