"""Each statement of five pages about the product has a test that proves it, or needs none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from register.settings import PROJECT_ROOT
from register.yaml_file import read_yaml
from tests.docs.named_tests import find_run_of_test
from tests.docs.page_statements import read_statements

FILE = Path(__file__).with_name("proven_statements.yaml")
CONTENT: dict[str, Any] = read_yaml(FILE)
PAGES: dict[str, list[dict[str, Any]]] = CONTENT["pages"]


def _exists(test: str) -> bool:
    """Whether a test runs: a function of a module, or a named unit test of dbt."""
    path, _, name = test.partition("::")
    if path.endswith(".py"):
        return find_run_of_test(test) != "never runs"
    file = PROJECT_ROOT / path
    _, _, unit_tests = (file.read_text("utf-8") if file.exists() else "").partition("unit_tests:")
    return re.search(rf"^  - name: {re.escape(name)}$", unit_tests, re.MULTILINE) is not None


@pytest.mark.parametrize("page", PAGES)
def test_every_statement_of_a_page_has_an_entry(page: str) -> None:
    """Prevents a new statement without a proof, and a proof of a statement that is gone."""
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    assert [entry["says"] for entry in PAGES[page]] == read_statements(text)


@pytest.mark.parametrize("page", PAGES)
def test_every_proof_is_a_test_that_exists_or_a_class(page: str) -> None:
    """Prevents statements that rest on a test that was renamed or never runs."""
    for entry in PAGES[page]:
        proof = entry["proof"]
        if isinstance(proof, str):
            assert proof in CONTENT["classes"], entry["says"]
        else:
            assert proof, entry["says"]
            assert [test for test in proof if not _exists(test)] == [], entry["says"]


def test_a_test_that_is_not_there_is_found() -> None:
    """Prevents the tests above from passing because every name exists."""
    here = "tests/docs/test_proven_statements.py"
    models = "dbt_project/models/identity/int_link_decisions.yml"
    assert _exists(f"{here}::test_a_test_that_is_not_there_is_found")
    assert _exists(f"{models}::int_link_decisions__the_latest_about_a_pair_until_it_expires")
    for wrong in (
        f"{here}::test_nothing",
        f"{models}::int_link_decisions",
        "tests/none.py::test_a",
    ):
        assert not _exists(wrong)


def test_a_page_is_read_as_its_reader_reads_it() -> None:
    """Prevents statements that are joined, cut within code, or left out with their table."""
    text = (
        "# A heading\n\nOne [page](a.md) of `some. code`. Two.\n\n- **Three.** Four `<host>`.\n\n"
        "| a | b |\n|---|---|\n| five | `six` |\n\n```sh\nnot read\n```\n"
    )
    assert read_statements(text) == [
        "One page of `some. code`.",
        "Two.",
        "Three.",
        "Four `<host>`.",
        "five | `six`",
    ]
