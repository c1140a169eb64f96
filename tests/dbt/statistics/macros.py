"""Statistic macros as SQL: rendered without dbt, evaluated by DuckDB over a table of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import jinja2
import pandas as pd
import yaml

from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dbt_project"


@dataclass(frozen=True)
class Adapter:
    """Finds a macro in DuckDB's words, as dbt's adapter does."""

    macros: Any

    def dispatch(self, name: str) -> Callable[..., str]:
        """Return the macro that DuckDB has for `name`."""
        found: Callable[..., str] = getattr(self.macros, f"duckdb__{name}")
        return found


def rendered(call: str) -> str:
    """Return the SQL of a macro call, as dbt would render it."""
    variables = yaml.safe_load((FOLDER / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    dialect = environment.from_string(_macros("dialect/quantiles.sql")).module
    source = _macros("dialect/quantiles.sql", "statistics/*.sql")
    return environment.from_string(source + "{{ " + call + " }}").render(
        {"var": variables.__getitem__, "adapter": Adapter(dialect), "return": lambda value: value}
    )


def _macros(*patterns: str) -> str:
    files = [path for pattern in patterns for path in sorted((FOLDER / "macros").glob(pattern))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def evaluated(cases: pd.DataFrame, **calls: str) -> pd.DataFrame:
    """Return one column per named macro call, one row per case."""
    columns = ", ".join(f"{rendered(call)} as {name}" for name, call in calls.items())
    return _queried(cases, f"select {columns} from cases")


def expanded(cases: pd.DataFrame, call: str) -> pd.DataFrame:
    """Return the columns that a macro of several columns makes."""
    return _queried(cases, f"select {rendered(call)} from cases")


def _queried(cases: pd.DataFrame, query: str) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("cases", cases)
        found: Any = connection.execute(query).df()
    return pd.DataFrame(found)
