"""A small warehouse built by the macros of tables by parts without dbt: a build takes 0.1 s.

What dbt gives its macros is given here by a few lines.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2

from register.settings import load_settings

FOLDERS = ("materializations", "dialect")
MACROS = "parts*.sql"
NAMED = re.compile(r"\{% macro (\w+)\(")
PREFIX = "dbt_macro__"
OPENING, RENAMED = "{% macro ", "{% macro " + PREFIX
Rows = list[tuple[object, ...]]


class Returned(Exception):  # noqa: N818 it is how a macro of dbt returns
    """What a macro returns with `return`."""


class Relation(str):
    """A relation's name, quoted in full."""

    __slots__ = ()

    @property
    def database(self) -> str:
        """Its database."""
        return self.split(".")[0].strip('"')

    @property
    def schema(self) -> str:
        """Its schema."""
        return self.split(".")[1].strip('"')

    @property
    def identifier(self) -> str:
        """Its own name."""
        return self.split(".")[2].strip('"')


def relation(name: str) -> Relation:
    """A relation of the small warehouse."""
    return Relation(f'"memory"."main"."{name}"')


@dataclass(frozen=True)
class Model:
    """A model: how it is built, what it reads and its query. One without a query is an input."""

    name: str
    meta: dict[str, Any]
    reads: tuple[str, ...] = ()
    code: str = ""
    columns: str = ""

    def node(self) -> dict[str, Any]:
        """The model in dbt's graph."""
        return {
            "name": self.name,
            "language": "sql",
            "config": {"meta": self.meta},
            "depends_on": {"nodes": list(self.reads)},
            "relation_name": relation(self.name),
        }


@dataclass
class Warehouse:
    """A warehouse in memory, its models, and the macros that build them."""

    models: tuple[Model, ...]
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    macros: dict[str, Callable[..., Any]] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    least_rows: int = 1

    def __post_init__(self) -> None:
        """Read the macros."""
        macros = load_settings().dbt_project / "macros"
        paths = [path for folder in FOLDERS for path in sorted((macros / folder).glob(MACROS))]
        texts = [path.read_text(encoding="utf-8") for path in paths]
        names = [name for text in texts for name in NAMED.findall(text)]
        self.given = {
            "return": _return,
            "run_query": self.query,
            "statement": lambda _, caller: self.run(caller()) or "",
            "local_md5": lambda text: hashlib.sha256(text.encode()).hexdigest(),
            "tojson": json.dumps,
            "env_var": self._variable,
            "var": lambda _, default: default,
            "flags": SimpleNamespace(FULL_REFRESH=False),
            "target": SimpleNamespace(database="memory", type="duckdb", name="warehouse"),
            "graph": {"nodes": {model.name: model.node() for model in self.models}},
            **{name: self._caller(name) for name in names},
        }
        # As in dbt a macro has another name inside: called, it is found where it may return.
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701 it is SQL
        for text in texts:
            template = environment.from_string(text.replace(OPENING, RENAMED))
            self.macros |= {name: self._made(template, name) for name in NAMED.findall(text)}
        self.run("create macro one() as 1; set threads to 1")

    def _made(self, template: jinja2.Template, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            return getattr(template.make_module(self.given), PREFIX + name)(*arguments)

        return call

    def _caller(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return self.macros[name](*arguments)
            except Returned as returned:
                return returned.args[0]

        return call

    def _variable(self, name: str, other: str = "") -> str:
        return str(self.least_rows) if name == "REGISTER_PARTS_FROM_ROWS" else other

    def query(self, statement: str) -> SimpleNamespace:
        """The rows of a statement, as `run_query` gives them."""
        rows = self.connection.execute(statement).fetchall()
        columns = [SimpleNamespace(values=lambda: [row[0] for row in rows])]
        return SimpleNamespace(rows=rows, columns=columns)

    def run(self, statements: str) -> None:
        """Run statements."""
        self.connection.execute(statements)

    def clear(self) -> None:
        """Forget all that was built."""
        self.run("drop schema if exists parts cascade")
        for model in self.models:
            self.run(f"drop table if exists {model.name}")

    def build(self, rows: Mapping[str, Rows]) -> list[str]:
        """Build all models from the rows of the inputs; the names of those built by parts."""
        self.run(self.given["begin_parts"]())
        return [model.name for model in self.models if self._build(model, rows)]

    def _build(self, model: Model, rows: Mapping[str, Rows]) -> bool:
        place = relation(model.name)
        self.given |= {"model": model.node(), "this": place}
        self.given |= {"config": SimpleNamespace(get={"meta": model.meta}.get)}
        if not model.code:
            self.run(f"create or replace table {place} ({model.columns})")
            for row in rows[model.name]:
                self.run(f"insert into {place} values ({', '.join(map(repr, row))})")
            if model.meta:
                self.given["note_whole"](place, {"run": self.given["current_run"]()})
            return False
        known = self.query(f"from duckdb_tables() where table_name = '{model.name}'").rows
        plan = self.given["plan_of_parts"](place, known, model.code)
        if plan["is_partial"]:
            statements = self.given["replace_parts"](place, plan["code"], plan)
            self.run(f"begin; {statements}; commit")
        else:
            self.run(f"create or replace table {place} as ({model.code})")
            self.given["note_whole"](place, plan)
        return bool(plan["is_partial"])


def _return(value: Any = None) -> None:
    raise Returned(value)
