"""Macros are shared: what one caller alone needs stands where it is called."""

from __future__ import annotations

import re
from collections import Counter

from register.settings import load_settings

PROJECT = load_settings().dbt_project
LONGEST_OF_ONE_CALLER = 15
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MACRO = re.compile(
    r"\{%-?\s*macro\s+(\w+)\s*\(.*?\{%-?\s*endmacro\s*-?%\}",
    re.DOTALL,
)
CALL = re.compile(r"(?<!macro )\b(\w+)\s*\(")
# Called by `adapter.dispatch`.
OF_AN_ENGINE = re.compile(r"^(duckdb|spark)__")
# What stands alone nevertheless, and why.
ALONE = {
    "broken_rows": "it returns at the first rule of that name, which no caller could",
    "origin_of_rows": "it returns at the first column that tells, which no caller could",
    "describe_failed_tests": "it is the project's hook at the end of a run, which names a macro",
}

NAMES_A_RELATION = re.compile(r"\b(?:ref|source)\s*\(")
# The reader of landing, whose files are chosen when a model runs; and what a command runs beside
# all models, which has no caller in SQL that could name its relations.
READER_OF_LANDING = {
    "landed",
    "dialect/landed_files",
    "dialect/ledger_files",
    "dialect/known_files",
}
OPERATIONS = {"dialect/record_ids", "dialect/linkage_records"}


def _texts() -> list[str]:
    files = [path for suffix in ("sql", "yml") for path in PROJECT.rglob(f"*.{suffix}")]
    sources = [path for path in files if path.relative_to(PROJECT).parts[0] != "target"]
    return [COMMENT.sub("", path.read_text(encoding="utf-8")) for path in sources]


def test_a_long_macro_has_several_callers() -> None:
    """Prevents a model that is read in two files, of which one is for it alone."""
    texts = _texts()
    lines = {found[1]: found[0].count("\n") + 1 for text in texts for found in MACRO.finditer(text)}
    assert len(lines) > 200
    calls = Counter(name for text in texts for name in CALL.findall(text) if name in lines)
    assert calls["surrogate_key"] > 10
    alone = {
        name
        for name, count in lines.items()
        if count > LONGEST_OF_ONE_CALLER and calls[name] == 1 and not OF_AN_ENGINE.match(name)
    }
    assert alone == ALONE.keys()


def test_a_model_names_what_it_reads() -> None:
    """Prevents a model whose parents are named in the macros that it calls."""
    folder = PROJECT / "macros"
    files = {
        path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.sql")
    }
    found = {
        name
        for name, path in files.items()
        for macro in MACRO.finditer(COMMENT.sub("", path.read_text(encoding="utf-8")))
        if NAMES_A_RELATION.search(macro[0])
    }
    assert found - READER_OF_LANDING == OPERATIONS


def test_functions_are_called_by_their_reference() -> None:
    """Prevents a model that dbt makes before the function that it calls."""
    # A macro is called `conformed_code` too, which a template calls.
    named = {path.stem for path in (PROJECT / "functions").rglob("*.sql")} - {"conformed_code"}
    assert len(named) > 50
    bare = re.compile(rf"(?<![\w.])({'|'.join(sorted(named))})\(")
    wrong = {
        f"{path.relative_to(PROJECT)}: {found[1]}"
        for path in PROJECT.rglob("*.sql")
        if path.relative_to(PROJECT).parts[0] != "target"
        for found in bare.finditer(COMMENT.sub("", path.read_text("utf-8")))
    }
    assert wrong == set()
