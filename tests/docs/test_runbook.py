"""The runbook is held to the messages in the code, in both directions."""

from __future__ import annotations

import ast
import re

import pytest

from register.settings import PROJECT_ROOT

RUNBOOK = PROJECT_ROOT / "docs" / "how-to" / "runbook.md"
# Where the messages are raised that an operator sees.
MODULES = (
    "orchestration/builds.py",
    "orchestration/locks.py",
    "orchestration/dbt.py",
    "interfaces/command_line/commands/deliveries.py",
    "interfaces/command_line/console.py",
    "interfaces/command_line/disk_faults.py",
    "interfaces/command_line/commands/diff.py",
    "interfaces/command_line/commands/documents.py",
    "interfaces/command_line/commands/encryption.py",
    "interfaces/command_line/commands/feedback.py",
    "interfaces/command_line/commands/generations.py",
    "interfaces/command_line/commands/load.py",
    "interfaces/command_line/commands/simulate.py",
    "interfaces/command_line/commands/ui.py",
    "register/access.py",
    "register/backup/backup_records.py",
    "register/backup/backups.py",
    "register/backup/chunk_store.py",
    "register/backup/home_copy.py",
    "register/backup/restic.py",
    "register/data_keys.py",
    "register/databases.py",
    "register/decision_files.py",
    "register/erased_persons.py",
    "register/erasure/erasure_plan.py",
    "register/erasure/erasure_subjects.py",
    "register/feeds/ledger.py",
    "register/feeds/raw_copies.py",
    "register/key_rotation.py",
    "register/linkage_models.py",
    "register/oidc_settings.py",
    "register/parquet_files.py",
    "register/private_files.py",
    "register/publishing/churn.py",
    "register/publishing/generations.py",
    "register/publishing/raw.py",
    "register/serving/lake.py",
    "register/serving/postgres.py",
    "register/serving/postgres_swap.py",
    "register/serving/targets.py",
    "register/setting_values.py",
    "register/settings.py",
)
# Wrong use of a command, which says itself what it expects.
WRONG_USE = "typer.BadParameter"
LEAST_LENGTH = 16
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _text(node: ast.expr) -> str:
    """A message as the runbook has it: what is put in at run time is `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(part) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""


def _messages(module: str) -> set[str]:
    tree = ast.parse((PROJECT_ROOT / module).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call) or not call.args:
            continue
        # Some are made before, and raised by what they are handed to.
        is_shown = ast.unparse(call.func).endswith(("stop", "Error"))
        if not (isinstance(node, ast.Raise) or is_shown) or ast.unparse(call.func) == WRONG_USE:
            continue
        message = " ".join(_text(call.args[0]).split())
        if len(message) >= LEAST_LENGTH:
            found.add(message)
    return found


def _rows() -> list[tuple[str, str, str]]:
    rows = ROW.findall(RUNBOOK.read_text(encoding="utf-8"))
    return [row for row in rows if row[0] not in ("message", "---") and "---" not in row[0]]


@pytest.mark.parametrize("module", MODULES)
def test_every_message_that_an_operator_sees_is_in_the_runbook(module: str) -> None:
    """Prevents a failure at five in the morning that no page explains."""
    listed = {message for message, _, _ in _rows()}
    assert _messages(module) - listed == set()


def test_every_message_of_the_runbook_is_in_the_code() -> None:
    """Prevents remedies for messages that nothing says any more."""
    rows = _rows()
    assert len(rows) > 40
    raised = set().union(*(_messages(module) for module in MODULES))
    assert {message for message, _, _ in rows} - raised == set()


def test_every_message_has_a_cause_and_a_remedy() -> None:
    """Prevents a table that repeats the message."""
    assert [row for row in _rows() if not all(part.strip() for part in row)] == []
