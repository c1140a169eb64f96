"""The rules of a relation as Dagster shows them: each a check of its own.

dbt checks all rules of a relation in one test (`macros/generic_tests/rules.sql`) and names those
that are broken. Here the manifest is given one test per rule in its place, and what dbt reports
of the one becomes a result of each. In a whole build a table or seed checks rules that read nothing
else itself (`own_rules.sql`). What a rule means belongs in the macros.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation
from dagster_dbt.asset_utils import get_asset_check_key_for_test
from dagster_dbt.core.dbt_cli_event import DbtCliEventMessage

from orchestration.options import OWN_RULES

TEST = "rules"
# As `macros/generic_tests/data_tests.sql` writes it.
BROKEN = re.compile(r"broken (?:rule|test): (?P<name>[\w.]+) \(rows: (?P<rows>\d+)\)")
ORIGIN = re.compile(r"rows of: (?P<name>[\w.]+) \((?P<kind>deliveries|bodies): (?P<whose>[^)]+)\)")
SET_ASIDE = (
    "If what one supplier sent is at fault, set it aside and publish the rest: `register deliveries"
    ' withdraw <delivery> --by "…" --reason "…"`, then `register load`. `register deliveries'
    " --supplier <code>` lists what a supplier sent; `register deliveries reinstate` takes it back."
)
SEPARATOR = "#"
ROWS = "dagster_dbt/failed_row_count"
PASSED, FAILED, SKIPPED, MADE = "pass", "fail", "skipped", "success"


@dataclass(frozen=True)
class Rule:
    """One rule: its name, which its check shares, and the relation that its column refers to."""

    name: str
    parent: str | None = None


@dataclass
class Broken:
    """What is broken: how many rows, and whose they are where the columns tell."""

    rows: int
    origin: str = ""


class BrokenRulesError(RuntimeError):
    """The audit failed: the message names each broken rule or test, its rows, and whose they are.

    It ends with the step to take where the rows come from deliveries that can be set aside.
    """

    def __init__(self, broken: Mapping[str, Broken], said: str) -> None:
        lines = [
            f"{name} is broken by {found.rows:,} {'row' if found.rows == 1 else 'rows'}"
            + (f", of {found.origin}" if found.origin else "")
            for name, found in sorted(broken.items())
        ]
        if any(found.origin for found in broken.values()):
            lines.append(SET_ASIDE)
        super().__init__("\n".join([*lines, "", said]) if lines else said)


def rules_of(arguments: Mapping[str, Any]) -> list[Rule]:
    """The rules that the arguments of a `rules` test state, named as the macro names them."""
    rules = [
        Rule(f"{kind}_{column}")
        for kind in ("not_null", "unique", "accepted_values")
        for column in arguments.get(kind) or ()
    ]
    rules += [Rule(name) for name in arguments.get("expressions") or ()]
    rules += [
        Rule(_name("unique_combination", " ".join(columns)))
        for columns in arguments.get("unique_combination") or ()
    ]
    rules += [
        Rule(f"relationships_{column}", parent.split(".")[0])
        for column, parent in (arguments.get("relationships") or {}).items()
    ]
    ranges = arguments.get("mutually_exclusive_ranges")
    if ranges:
        rules.append(Rule(f"mutually_exclusive_ranges_{ranges['lower_bound_column']}"))
    return rules


def _name(kind: str, subject: str) -> str:
    """Words, as the macro `rule_name` makes them: a column may be an expression."""
    return re.sub(r"\W+", "_", f"{kind} {subject}").strip("_")


def is_rules_test(node: Mapping[str, Any]) -> bool:
    """Whether a node of the manifest is the test of the rules of one relation."""
    return node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == TEST


def event_count(node: Mapping[str, Any]) -> int:
    """How many results a build reports of a node: one, or one for each of its rules."""
    if is_rules_test(node):
        return len(rules_of(node["test_metadata"]["kwargs"]))
    is_built = node["config"].get("materialized") != "ephemeral"
    return int(node["resource_type"] in {"model", "seed", "snapshot", "test"} and is_built)


def split_rules(manifest: dict[str, Any]) -> None:
    """Put one test per rule in the place of each `rules` test, so that each is a check."""
    for unique_id, node in list(manifest["nodes"].items()):
        if not is_rules_test(node):
            continue
        del manifest["nodes"][unique_id]
        for parent in manifest["parent_map"].pop(unique_id):
            manifest["child_map"][parent].remove(unique_id)
        manifest["child_map"].pop(unique_id)
        for rule in rules_of(node["test_metadata"]["kwargs"]):
            one = _test_of(node, rule)
            name, parents = one["unique_id"], one["depends_on"]["nodes"]
            manifest["nodes"][name] = one
            manifest["parent_map"][name] = parents
            manifest["child_map"][name] = []
            for parent in parents:
                manifest["child_map"][parent].append(name)


def _test_of(node: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    parents = [
        parent
        for parent in node["depends_on"]["nodes"]
        if parent == node["attached_node"] or parent.split(".")[-1] == rule.parent
    ]
    return {
        **node,
        "unique_id": rule_id(node["unique_id"], rule.name),
        "name": rule.name,
        "depends_on": {**node["depends_on"], "nodes": parents},
        "test_metadata": {**node["test_metadata"], "kwargs": {}},
    }


def rule_id(test_id: str, rule_name: str) -> str:
    """The id of the test of one rule in the manifest that Dagster sees."""
    return f"{test_id}{SEPARATOR}{rule_name}"


def audit_events(
    command: DbtCliInvocation, context: dg.AssetExecutionContext, *, is_whole: bool
) -> Iterator[Any]:
    """What a build reports, as Dagster's events, with a result for every rule.

    `is_whole`: relations check their own rules, whose tests are left out. Raises
    `BrokenRulesError` when dbt fails for rules that are broken, else what dagster-dbt does.
    """
    audit = _Audit(command, context, is_whole)
    try:
        for event in command.stream_raw_events():
            yield from audit.results(event)
    except dg.Failure as error:
        if not audit.broken:
            raise
        # Not as a cause: the operator is shown the bottom of the chain.
        raise BrokenRulesError(audit.broken, str(error.description)) from None


class _Audit:
    """The events of one build, and the rules that dbt has named as broken so far."""

    def __init__(
        self, command: DbtCliInvocation, context: dg.AssetExecutionContext, is_whole: bool
    ) -> None:
        self._command = command
        self._context = context
        self._tests: dict[str, list[str]] = defaultdict(list)
        self._tests_of: dict[str, str] = {}
        for unique_id, node in command.manifest["nodes"].items():
            test_id, _, rule = unique_id.partition(SEPARATOR)
            if rule:
                self._tests[test_id].append(rule)
                if is_whole and OWN_RULES in node["tags"]:
                    self._tests_of[node["attached_node"]] = test_id
        self.broken: dict[str, Broken] = {}

    def results(self, event: DbtCliEventMessage) -> Iterator[Any]:
        """The Dagster events of one dbt event."""
        said = event.raw_event
        node_id = said["data"].get("node_info", {}).get("unique_id")
        message = str(said["info"]["msg"])
        if named := BROKEN.search(message):
            self.broken[named["name"]] = Broken(int(named["rows"]))
        elif named := ORIGIN.search(message):
            self.broken[named["name"]].origin = named["whose"]
        if node_id not in self._tests:
            yield from event.to_default_asset_events(
                manifest=self._command.manifest,
                dagster_dbt_translator=self._command.dagster_dbt_translator,
                context=self._context,
                target_path=self._command.target_path,
                project=self._command.project,
            )
        if not event.is_result_event:
            return
        status = said["data"]["node_info"]["node_status"]
        if node_id in self._tests and status != SKIPPED:
            yield from self._of_each_rule(node_id, status, self._broken_of(node_id))
        elif node_id in self._tests_of:
            yield from self._of_relation(self._tests_of[node_id], status)

    def _of_relation(self, test_id: str, status: str) -> Iterator[dg.AssetCheckResult]:
        """The results of rules that a relation checked itself; none where it was not made."""
        broken = self._broken_of(test_id)
        if status == MADE or broken:
            yield from self._of_each_rule(test_id, FAILED if broken else PASSED, broken)

    def _broken_of(self, test_id: str) -> dict[str, int]:
        """The broken rules of a test's relation, with how many rows break each."""
        nodes = self._command.manifest["nodes"]
        relation = nodes[rule_id(test_id, self._tests[test_id][0])]["attached_node"]
        prefix = f"{relation.split('.')[-1]}."
        return {
            name.removeprefix(prefix): found.rows
            for name, found in self.broken.items()
            if name.startswith(prefix)
        }

    def _of_each_rule(
        self, test_id: str, status: str, broken: Mapping[str, int]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = self._context.selected_asset_check_keys
        for rule in self._tests[test_id]:
            key = get_asset_check_key_for_test(
                self._command.manifest,
                self._command.dagster_dbt_translator,
                rule_id(test_id, rule),
                project=self._command.project,
            )
            if key is None or key not in selected:
                continue
            # Of a test that could not run, no rule is known to be kept.
            passed = status == PASSED or (status == FAILED and bool(broken) and rule not in broken)
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=passed,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"status": PASSED if passed else status, ROWS: broken.get(rule, 0)},
            )
