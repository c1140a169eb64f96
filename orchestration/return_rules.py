"""Checks of a delivery by the statutory return's rules, before the delivery lands.

A check uses the SQL of a load. dbt compiles the rules once for each version of the project. A check
runs the compiled SQL in an in-memory database, without dbt. The rules belong in `dbt_project`.
"""

from __future__ import annotations

import json
import logging
import re
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
# The expression with which staging models read landed files (`macros/dialect/landed_files.sql`).
LANDED_FILES = "read_parquet(getvariable('landed_files'), schema = getvariable('landed_schema'))"
LANDED_ROWS = "landed_rows"
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
    """The rules cannot be compiled, or cannot run outside a load."""


@dataclass(frozen=True)
class StagingModel:
    """A staging model: its relation, its compiled query, and the landed table behind it."""

    relation: str
    query: str
    table_name: str


@dataclass(frozen=True)
class ReturnRules:
    """The compiled rules and their inputs: functions, seeds, ledger and staging models.

    `seeds` has the name of each seed by relation, and `ledger` has relations by name.
    """

    functions: str
    seeds: dict[str, str]
    ledger: dict[str, str]
    staging: tuple[StagingModel, ...]
    rules: str

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> ReturnRules:
        """Extract the rules from the manifest of a compiled project.

        Raises `CompiledRulesError` if the rules read a model other than staging models and the
        ledger.
        """
        nodes = manifest["nodes"]
        ancestors = _find_ancestors(nodes, RULES)
        staging = {key: nodes[key] for key in ancestors if key.startswith(STAGING)}
        seeds = {key: nodes[key] for key in ancestors if nodes[key]["resource_type"] == "seed"}
        known = {*staging, *seeds, *LEDGER.values()}
        others = [
            key
            for key in ancestors
            if key not in known and nodes[key]["config"]["materialized"] != "ephemeral"
        ]
        if others:
            raise CompiledRulesError(f"the rules of the return read {', '.join(sorted(others))}")
        return cls(
            functions=define_functions(manifest["functions"]),
            seeds={node["relation_name"]: node["name"] for node in seeds.values()},
            ledger={name: nodes[key]["relation_name"] for name, key in LEDGER.items()},
            staging=tuple(
                StagingModel(
                    node["relation_name"], _query_landed_rows(node), key.removeprefix(STAGING)
                )
                for key, node in staging.items()
            ),
            rules=nodes[RULES]["compiled_code"],
        )

    def find_breaches(
        self, seeds: Path, checked: CheckedDelivery, last_year: CheckedDelivery | None = None
    ) -> list[Breach]:
        """Return the rule breaches of a return's records; some rules need last year's return.

        If a file or a column that the rules read is missing or broken, no rule is judged, because
        every breach would only repeat that fault.
        """
        if any(map(self._needs_column, checked.list_unread_columns())):
            return []
        returns = [item for item in (checked, last_year) if item is not None]
        with duckdb.connect() as connection:
            self._create_inputs(connection, seeds, returns)
            rows = connection.execute(
                "select rule_code, _delivery_id, _file, _row_number, column_name, table_name"
                f" from ({self.rules}) where _delivery_id = ?"
                " order by _file, _row_number, rule_code",
                [checked.raw.delivery_id],
            ).fetchall()
        return [Breach(*row) for row in rows]

    def _needs_column(self, column: str | None) -> bool:
        """Return whether the rules read a column; None is a column that may be any."""
        return column is None or re.search(rf"\b{column}(_|\b)", self.rules) is not None

    def _create_inputs(
        self, connection: duckdb.DuckDBPyConnection, seeds: Path, returns: Sequence[CheckedDelivery]
    ) -> None:
        """Create the relations that the rules read, from deliveries that have not landed."""
        connection.execute("set timezone = 'UTC'")
        relations = [*self.seeds, *self.ledger.values(), *(item.relation for item in self.staging)]
        for database in {_split_relation(relation)[0] for relation in relations}:
            connection.execute(f"attach ':memory:' as {database}")
            connection.execute(f"use {database}")
        for database, schema in {_split_relation(relation)[:2] for relation in relations}:
            connection.execute(f"create schema if not exists {database}.{schema}")
        connection.execute(self.functions)
        for relation, name in self.seeds.items():
            path = seeds / f"{name}.csv"
            connection.execute(
                f"create table {relation} as from read_csv('{path}', header = true,"
                " all_varchar = true)"
            )
        tables = {"deliveries": _build_deliveries(returns), "flags": _build_flags(returns)}
        for name, relation in self.ledger.items():
            connection.register("ledger_rows", tables[name])
            connection.execute(f"create table {relation} as from ledger_rows")
        for model in self.staging:
            rows = pa.concat_tables([item.read_landed_rows(model.table_name) for item in returns])
            connection.register(LANDED_ROWS, rows)
            connection.execute(f"create table {model.relation} as {model.query}")


def load_return_rules(settings: Settings) -> ReturnRules:
    """Return the compiled rules of this installation; if they have changed, compile them first.

    Raises `CompiledRulesError` if they cannot be compiled.
    """
    project = settings.dbt_project
    version = hash_files(list_model_files(project), project)[:16]
    path = rules_folder(settings) / f"{version}.json"
    if path.is_file():
        return _read_rules(path)
    logger.warning("compiling the rules of the return, once for this version")
    rules = _compile_rules(settings)
    _write_rules(path, rules)
    return rules


def rules_folder(settings: Settings) -> Path:
    """Return the folder of the compiled rules, inside dbt's folder of artefacts."""
    return settings.dbt_project / "target" / "return_rules"


def _compile_rules(settings: Settings) -> ReturnRules:
    from orchestration.dbt import DbtError, dbt_target, run_dbt

    with tempfile.TemporaryDirectory() as scratch:
        home = replace(settings, home=Path(scratch), data_keys=None)
        folder = home.published / ".compiled"
        for path in (home.warehouse, folder):
            path.mkdir(parents=True)
        try:
            run_dbt(home, ["--quiet", *COMPILED, *SELECTED], folder)
        except DbtError as error:
            raise CompiledRulesError(str(error)) from error
        manifest = (dbt_target(home) / "manifest.json").read_text(encoding="utf-8")
    return ReturnRules.from_manifest(json.loads(manifest))


def _write_rules(path: Path, rules: ReturnRules) -> None:
    """Save the compiled rules for the next check. A read-only installation is left unchanged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("*.json"):
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(asdict(rules), file)
        Path(file.name).replace(path)
    except OSError as error:
        logger.warning("the compiled rules cannot be kept in %s: %s", path.parent, error.strerror)


def _read_rules(path: Path) -> ReturnRules:
    content = json.loads(path.read_text(encoding="utf-8"))
    staging = tuple(StagingModel(**item) for item in content.pop("staging"))
    return ReturnRules(staging=staging, **content)


def _find_ancestors(nodes: Mapping[str, Any], key: str) -> list[str]:
    """Return all models and seeds upstream of a model, without those upstream of the ledger."""
    ancestors: dict[str, None] = {}
    pending = list(nodes[key]["depends_on"]["nodes"])
    while pending:
        parent = pending.pop()
        if parent in nodes and parent not in ancestors:
            ancestors[parent] = None
            # The ledger's rows are made from the checked deliveries, so the inputs of its models
            # are not needed.
            if parent not in LEDGER.values():
                pending += nodes[parent]["depends_on"].get("nodes", [])
    return list(ancestors)


def define_functions(functions: Mapping[str, Any]) -> str:
    """Return the SQL that creates the functions in DuckDB, each before its callers."""
    calls = {key: set(node["depends_on"]["nodes"]) for key, node in functions.items()}
    return "\n".join(
        f'create or replace macro "{node["database"]}"."{node["schema"]}"."{node["name"]}"'
        f"({', '.join(argument['name'] for argument in node['arguments'])})"
        f" as (\n{node['compiled_code']}\n);"
        for node in map(functions.__getitem__, TopologicalSorter(calls).static_order())
    )


def _query_landed_rows(node: Mapping[str, Any]) -> str:
    """Return a staging model's query, changed to read `landed_rows` in place of landed files."""
    query = str(node["compiled_code"])
    if query.count(LANDED_FILES) != 1:
        raise CompiledRulesError(f"{node['name']} reads landing in another way")
    return query.replace(LANDED_FILES, LANDED_ROWS)


def _split_relation(relation: str) -> tuple[str, str, str]:
    database, schema, name = relation.split(".")
    return database, schema, name


def _build_deliveries(returns: Sequence[CheckedDelivery]) -> pa.Table:
    """Return the checked deliveries as rows of the ledger, with the columns that the rules read."""
    return pa.table(
        {
            "delivery_id": [item.raw.delivery_id for item in returns],
            "feed": [item.raw.item.feed for item in returns],
            "layout_name": [_name_layout(item) for item in returns],
            "supplier_code": [item.raw.item.supplier_code for item in returns],
            "period": [item.raw.item.period for item in returns],
            "received_at": pa.nulls(len(returns), pa.timestamp("us")),
            "is_current": [True for _ in returns],
        }
    )


def _name_layout(checked: CheckedDelivery) -> str | None:
    source = checked.parsed.source
    return source.layout.layout_name if source else None


def _build_flags(returns: Iterable[CheckedDelivery]) -> pa.Table:
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
