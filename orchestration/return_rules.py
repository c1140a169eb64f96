"""The rules of the statutory return over deliveries that no load has landed: the load's own SQL.

dbt compiles the rules once for each version of its project; after that a check runs what was
compiled, in a database in memory, and starts no dbt. What the rules are belongs in the dbt project.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from register.feeds import Breach, CheckedDelivery
from register.hashing import hash_files, list_model_files
from register.settings import Settings

logger = logging.getLogger(__name__)

RULES = "model.national_register.int_return_rule_breaches"
STAGING = "model.national_register.stg_authority_return__"
LEDGER = {name: f"model.national_register.stg_ledger__{name}" for name in ("deliveries", "flags")}
# How a staging model reads the files of landing (`macros/dialect/landed_files.sql`).
LANDED_FILES = "read_parquet(getvariable('landed_files'), union_by_name = true)"
LANDED = "landed_rows"
COMPILED = ("compile", "--no-populate-cache", "--select")
SELECTED = (
    "path:models/return_rules,resource_type:model",
    "path:models/staging/authority_return,resource_type:model",
    "resource_type:function",
)
FLAGS = pa.schema(
    [
        *((name, pa.string()) for name in ("supplier_code", "feed", "period", "_delivery_id")),
        ("_file", pa.string()),
        ("_row_number", pa.int64()),
        *((name, pa.string()) for name in ("table_name", "rule_code", "column_name")),
    ]
)


class CompiledRulesError(RuntimeError):
    """The rules cannot be compiled, or not to the shape in which they are run here."""


@dataclass(frozen=True)
class StagingModel:
    """A staging model: its relation, its compiled query, and the table of the feed it reads."""

    relation: str
    query: str
    table_name: str


@dataclass(frozen=True)
class ReturnRules:
    """The rules as compiled: functions, seeds and ledger by relation, staging models, the rules."""

    functions: str
    seeds: dict[str, str]
    ledger: dict[str, str]
    staging: tuple[StagingModel, ...]
    rules: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> ReturnRules:
        """The rules in dbt's manifest of a compiled project.

        Raises `CompiledRulesError` if they read other models than those of staging and the ledger.
        """
        nodes = manifest["nodes"]
        ancestors = _ancestors(nodes, RULES)
        staged = {key: nodes[key] for key in ancestors if key.startswith(STAGING)}
        seeds = {key: nodes[key] for key in ancestors if nodes[key]["resource_type"] == "seed"}
        known = {*staged, *seeds, *LEDGER.values()}
        others = [
            key
            for key in ancestors
            if key not in known and nodes[key]["config"]["materialized"] != "ephemeral"
        ]
        if others:
            raise CompiledRulesError(f"the rules of the return read {', '.join(sorted(others))}")
        return cls(
            functions=function_definitions(manifest["functions"]),
            seeds={node["relation_name"]: node["name"] for node in seeds.values()},
            ledger={name: nodes[key]["relation_name"] for name, key in LEDGER.items()},
            staging=tuple(
                StagingModel(node["relation_name"], _on_arrow(node), key.removeprefix(STAGING))
                for key, node in staged.items()
            ),
            rules=nodes[RULES]["compiled_code"],
        )

    def breaches(
        self, seeds: Path, checked: CheckedDelivery, last_year: CheckedDelivery | None = None
    ) -> list[Breach]:
        """The rules that the records of a return break, beside last year's where there is one."""
        returns = [item for item in (checked, last_year) if item is not None]
        with duckdb.connect() as connection:
            self._fill(connection, seeds, returns)
            found = connection.execute(
                "select rule_code, _delivery_id, _file, _row_number, column_name, table_name"
                f" from ({self.rules}) where _delivery_id = ?"
                " order by _file, _row_number, rule_code",
                [checked.raw.delivery_id],
            ).fetchall()
        return [Breach(*row) for row in found]

    def _fill(
        self, connection: duckdb.DuckDBPyConnection, seeds: Path, returns: Sequence[CheckedDelivery]
    ) -> None:
        """Create what the rules read: as a load does, from what would land."""
        connection.execute("set timezone = 'UTC'")
        relations = [*self.seeds, *self.ledger.values(), *(item.relation for item in self.staging)]
        for database in {_parts(relation)[0] for relation in relations}:
            connection.execute(f"attach ':memory:' as {database}")
            connection.execute(f"use {database}")
        for database, schema in {_parts(relation)[:2] for relation in relations}:
            connection.execute(f"create schema if not exists {database}.{schema}")
        connection.execute(self.functions)
        for relation, name in self.seeds.items():
            path = seeds / f"{name}.csv"
            connection.execute(
                f"create table {relation} as from read_csv('{path}', header = true,"
                " all_varchar = true)"
            )
        tables = {"deliveries": _deliveries(returns), "flags": _flags(returns)}
        for name, relation in self.ledger.items():
            _create(connection, relation, tables[name])
        for model in self.staging:
            rows = pa.concat_tables([item.read_landed_rows(model.table_name) for item in returns])
            connection.register(LANDED, rows)
            connection.execute(f"create table {model.relation} as {model.query}")


def return_rules(settings: Settings) -> ReturnRules:
    """The rules of this installation's dbt project, compiled if they have changed since.

    Raises `CompiledRulesError` if they cannot be.
    """
    project = settings.dbt_project
    version = hash_files(list_model_files(project), project)[:16]
    path = kept_rules(settings) / f"{version}.json"
    if path.is_file():
        return _read(path)
    logger.warning("compiling the rules of the return, once for this version")
    rules = _compile(settings)
    _keep(path, rules)
    return rules


def kept_rules(settings: Settings) -> Path:
    """Where compiled rules are kept: with what else dbt makes of the project."""
    return settings.dbt_project / "target" / "return_rules"


def _compile(settings: Settings) -> ReturnRules:
    from orchestration.dbt import DbtError, dbt_target, run_dbt

    with tempfile.TemporaryDirectory() as scratch:
        home = replace(settings, home=Path(scratch))
        folder = home.published / ".compiled"
        for needed in (home.warehouse, folder):
            needed.mkdir(parents=True)
        try:
            run_dbt(home, ["--quiet", *COMPILED, *SELECTED], folder)
        except DbtError as error:
            raise CompiledRulesError(str(error)) from error
        manifest = (dbt_target(home) / "manifest.json").read_text(encoding="utf-8")
    return ReturnRules.of(json.loads(manifest))


def _keep(path: Path, rules: ReturnRules) -> None:
    """Keep the compiled rules for the next check; an installation that is read-only has none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("*.json"):
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(asdict(rules), file)
        Path(file.name).replace(path)
    except OSError as error:
        logger.warning("the compiled rules cannot be kept in %s: %s", path.parent, error.strerror)


def _read(path: Path) -> ReturnRules:
    kept = json.loads(path.read_text(encoding="utf-8"))
    staging = tuple(StagingModel(**item) for item in kept.pop("staging"))
    return ReturnRules(staging=staging, **kept)


def _ancestors(nodes: Mapping[str, Any], key: str) -> list[str]:
    """Every model and seed that a model reads, however far above, each once."""
    found: dict[str, None] = {}
    pending = list(nodes[key]["depends_on"]["nodes"])
    while pending:
        parent = pending.pop()
        if parent in nodes and parent not in found:
            found[parent] = None
            # The ledger is made here of the deliveries themselves.
            if parent not in LEDGER.values():
                pending += nodes[parent]["depends_on"].get("nodes", [])
    return list(found)


def function_definitions(functions: Mapping[str, Any]) -> str:
    """What creates the functions in DuckDB, each after those that it calls."""
    called = {key: set(node["depends_on"]["nodes"]) for key, node in functions.items()}
    return "\n".join(
        f'create or replace macro "{node["database"]}"."{node["schema"]}"."{node["name"]}"'
        f"({', '.join(argument['name'] for argument in node['arguments'])})"
        f" as (\n{node['compiled_code']}\n);"
        for node in map(functions.__getitem__, TopologicalSorter(called).static_order())
    )


def _on_arrow(node: Mapping[str, Any]) -> str:
    """A staging model's query over the landed rows themselves in place of landing's files."""
    query = str(node["compiled_code"])
    if query.count(LANDED_FILES) != 1:
        raise CompiledRulesError(f"{node['name']} reads landing in another way")
    return query.replace(LANDED_FILES, LANDED)


def _parts(relation: str) -> tuple[str, str, str]:
    database, schema, name = relation.split(".")
    return database, schema, name


def _create(connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
    connection.register("given_rows", rows)
    connection.execute(f"create table {relation} as from given_rows")


def _deliveries(returns: Sequence[CheckedDelivery]) -> pa.Table:
    """The ledger as staging gives it, as far as a return's models read it: all are current."""
    return pa.table(
        {
            "delivery_id": [item.raw.delivery_id for item in returns],
            "feed": [item.raw.item.feed for item in returns],
            "supplier_code": [item.raw.item.supplier_code for item in returns],
            "period": [item.raw.item.period for item in returns],
            "received_at": pa.nulls(len(returns), pa.timestamp("us")),
            "is_current": [True for _ in returns],
        }
    )


def _flags(returns: Iterable[CheckedDelivery]) -> pa.Table:
    rows = [
        {
            "supplier_code": item.raw.item.supplier_code,
            "feed": item.raw.item.feed,
            "period": item.raw.item.period,
            "_delivery_id": item.raw.delivery_id,
            "_file": flag.file,
            "_row_number": flag.line,
            "table_name": flag.table,
            "rule_code": flag.rule.value,
            "column_name": flag.column,
        }
        for item in returns
        for flag in item.list_flags()
    ]
    return pa.Table.from_pylist(rows, FLAGS)
