"""Names of tables, columns and Python follow docs/reference/names.md.

`python -m tests.house_rules.test_names` prints how many names break them, by package.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from register.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
# The prefixes that the tables of a folder may have; `int_` anywhere else.
PREFIXES = {
    "staging": ("stg_",),
    "evaluation/truth": ("stg_truth__", "int_"),
    "evaluation/marts": ("agg_",),
    "marts/register": ("dim_", "fct_", "bridge_"),
    "marts/agreement": ("fct_", "agg_"),
    "marts/quality": ("agg_",),
    "marts/statistics": ("dim_", "fct_"),
    "marts/operations": ("case_list_", "golden_record_", "review_", "agg_"),
    # Analysts' views have no prefix.
    "marts/bi": ("",),
}
SUFFIXES = {
    "_id": {"varchar"},
    "_code": {"varchar"},
    "_name": {"varchar"},
    "_count": {"bigint", "integer"},
    "_share": {"double"},
    "_at": {"timestamp"},
    "_date": {"date"},
}
SENTENCES = ("is_", "has_")
# Other names that a day or a moment has.
DAYS = {"valid_from", "valid_to", "period_start", "period_end", "date_day", "measured_on"}
DAYS |= {"first_period_start", "last_delivered_day", "start_month", "break_month"}
# Columns that were published before they had a rule: the list may only shrink.
EXCEPTIONS = {
    # Corrected and expected counts are fractions.
    "corrected_authority_only_count",
    "corrected_both_count",
    "corrected_police_only_count",
    "corrected_seen_count",
    "corrected_total_count",
    "match_count",
    "unknown_count",
    # A word in place of true and false: yes, no or not known.
    "is_expected_both",
}
PACKAGES = (
    "register",
    "interfaces",
    "official_statistics",
    "orchestration",
    "expectations",
    "engines",
    "benchmarks",
    "simulation",
    "suppression_attack",
)


def _split_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORBIDDEN = _split_words("""
    found said told asked wanted kept put given held taken gone whole here there shown seen made
""")
SHORT = 6
# Plain verbs of the field, which a class or module may make clear; and names that others chose.
VERBS = _split_words("""
    main run load read write render close open query parse draw show save add remove
    append update create delete build check list find start stop flush emit invoke sign verify
    export draft revise land train score link merge split join sort select filter count
    sum fit solve commit encode decode hash lock unlock wait watch retry submit serve
    trace audit claim pin unpin attack bench prune copy move send accept refuse format
    decide judge unzip gunzip negate narrow reset derive
    model defs info
""")
# A decorated function is named for its route, its command or as an attribute.
NAMED_BY_DECORATORS = _split_words("""
    property cached_property setter definitions command callback get post overload
""")
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
COMMANDS = PROJECT_ROOT / "interfaces" / "command_line" / "commands"
# Attributes that are keys of `--json` answers: they stay once published.
PUBLISHED_KEYS = {
    "register/audit/audit_report.py": {"found"},
    "official_statistics/tracing.py": {"shown"},
}


@cache
def _contracts() -> list[tuple[Path, dict[str, Any]]]:
    """Each described model with the folder of its YAML."""
    described = [
        (path.parent, model)
        for path in sorted(MODELS.rglob("*.yml"))
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or ()
    ]
    assert len(described) > 200
    return described


def _typed_columns() -> Iterator[tuple[str, str, str]]:
    """Model, column and type of each column that a contract gives a type."""
    for _, model in _contracts():
        for column in model.get("columns") or ():
            if "data_type" in column:
                yield model["name"], column["name"], column["data_type"].lower()


def test_a_table_has_a_prefix_of_its_folder() -> None:
    """Prevents a table whose name does not say whether it is a fact, a dimension or a step."""
    wrong = set()
    for path in [*MODELS.rglob("*.sql"), *MODELS.rglob("*.py")]:
        folder = path.parent.relative_to(MODELS).as_posix()
        allowed = next(
            (prefixes for start, prefixes in PREFIXES.items() if folder.startswith(start)),
            ("int_",),
        )
        if not path.stem.startswith(allowed):
            wrong.add(f"{folder}/{path.stem}")
    assert wrong == set()


def test_a_column_has_the_type_that_its_name_says() -> None:
    """Prevents a count that is a text, and a flag that is a code."""
    wrong = {}
    for model, column, data_type in _typed_columns():
        types = [types for suffix, types in SUFFIXES.items() if column.endswith(suffix)]
        if column.startswith(SENTENCES):
            # `is_…_lower` is a bound of a flag.
            types = [{"boolean"}]
        if types and data_type not in types[0]:
            wrong[column] = f"{model}: {data_type}"
    assert wrong.keys() == EXCEPTIONS, wrong


def test_a_type_shows_in_the_name_of_its_column() -> None:
    """Prevents a moment called a date, and a flag that is no sentence."""
    wrong = set()
    for model, column, data_type in _typed_columns():
        if data_type == "boolean":
            is_right = column.startswith(SENTENCES)
        elif data_type == "timestamp":
            is_right = column.endswith("_at") or column in DAYS
        elif data_type == "date":
            is_right = column.endswith("_date") or column in DAYS
        else:
            is_right = True
        if not is_right:
            wrong.add(f"{model}.{column}: {data_type}")
    assert wrong == set()


def _declared_names(tree: ast.AST) -> Iterator[str]:
    """Names of locals, arguments, attributes and functions, where they are bound."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, NAMED) and node.name:
            yield node.name


def _decorators(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    names = set()
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(target.attr if isinstance(target, ast.Attribute) else ast.unparse(target))
    return names


def _short_functions(path: Path, tree: ast.AST) -> Iterator[str]:
    """Functions of one short word that is no verb of the field."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        word = node.name.strip("_")
        is_special = node.name.startswith("__") or _decorators(node) & NAMED_BY_DECORATORS
        is_command = path.is_relative_to(COMMANDS) and not node.name.startswith("_")
        is_riddle = len(word) <= SHORT and "_" not in word and word not in VERBS
        if is_riddle and not is_special and not is_command:
            yield node.name


@cache
def count_names(package: str) -> Counter[str]:
    """Count the forbidden words and short functions of a package."""
    counts: Counter[str] = Counter(forbidden=0, short=0)
    for path in (PROJECT_ROOT / package).rglob("*.py"):
        place = path.relative_to(PROJECT_ROOT).as_posix()
        forbidden = FORBIDDEN - PUBLISHED_KEYS.get(place, set())
        tree = ast.parse(path.read_text(encoding="utf-8"))
        counts["forbidden"] += sum(
            1 for name in _declared_names(tree) if name.lstrip("_") in forbidden
        )
        counts["short"] += sum(1 for _ in _short_functions(path, tree))
    return counts


@pytest.mark.parametrize("kind", ["forbidden", "short"])
@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_says_what_it_is(package: str, kind: str) -> None:
    """Prevents names that a reader must look up, such as `found` or `_put`."""
    assert count_names(package)[kind] == 0


if __name__ == "__main__":
    for counted in PACKAGES:
        remaining = {kind: count for kind, count in count_names(counted).items() if count}
        if remaining:
            print(f'    "{counted}": {remaining},'.replace("'", '"'))  # noqa: T201
