"""The page that adds pages, followed in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT
from tests.docs.followed_pages import copy_project, read_blocks

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-page.md"
NEW_PAGE = "docs/how-to/list-late-deliveries.md"
# What the site and the documents are built from, and their tests.
COPIED = (
    *("register", "official_statistics", "suppression_attack", "orchestration", "engines"),
    *("expectations", "interfaces", "dbt_project", "seeds", "docs", "tests", "simulation"),
)
OF_DOCUMENTS = (
    "tests/docs/test_documents.py::test_every_document_is_in_the_index",
    "tests/docs/test_documents.py::test_every_relation_that_a_document_names_is_in_the_project",
    "tests/docs/test_site_of_documents.py::test_every_page_is_in_the_navigation",
    f"tests/docs/test_readability.py::test_a_page_has_short_sentences[{NEW_PAGE}]",
    f"tests/docs/test_readability.py::test_a_page_has_words_of_today[{NEW_PAGE}]",
)
OF_THE_SITE = ("tests/expectations/site/test_site.py", "tests/expectations/site/test_structure.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project to which the page was applied."""
    copied = copy_project(tmp_path / "project", *COPIED)
    for front in PROJECT_ROOT.glob("*.md"):
        shutil.copy(front, copied)
    for block in read_blocks(PAGE):
        block.apply(copied)
    return copied


def _run_tests(project: Path, *names: str) -> None:
    """Run tests of the copy in one process, whatever this one is a worker of."""
    arguments = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    outcome = subprocess.run(
        [sys.executable, *arguments, *names],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]


@pytest.mark.slow
def test_a_document_added_as_the_page_says_is_found(project: Path) -> None:
    """Prevents instructions after which a page is in no index or navigation."""
    _run_tests(project, *OF_DOCUMENTS)


@pytest.mark.drill
@pytest.mark.slow
def test_a_page_of_the_site_added_as_the_page_says_is_built(project: Path) -> None:
    """Prevents instructions after which the site has no such page, or one that cannot be read."""
    _run_tests(project, *OF_THE_SITE)
