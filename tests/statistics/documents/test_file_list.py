"""The list of files: complete, in words, with sizes; and the policies as pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from official_statistics import releases
from official_statistics.documents import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    write_documents,
)
from official_statistics.documents.file_list import ADDED_LATER, format_size, list_files
from official_statistics.documents.policies import FOLDER, POLICIES, read_policies, read_policy
from tests.statistics.documents.conftest import MakeRelease


@pytest.fixture
def public(make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality) -> Path:
    """A release whose documents are written."""
    folder = make_release()
    write_documents(facts, QualityFacts(), done, folder)
    return folder


def test_every_file_of_a_release_is_listed_in_words(public: Path) -> None:
    """Prevents a file that readers do not find, or that they have to open to know what it is."""
    files = [path for path in public.rglob("*") if path.is_file() and path.parent.name != "data"]
    lines = list_files(public)
    names = {path.relative_to(public).as_posix() for path in files}
    listed = names - {"index.html"} | set(ADDED_LATER)
    assert sum(line.count for line in lines) == len(listed)
    assert all(line.words and line.path in listed for line in lines)
    page = (public / "index.html").read_text(encoding="utf-8")
    assert all(f'<a href="{line.path}">{line.title}</a>' in page for line in lines)
    assert all(f'<td class="number">{line.size}</td>' in page for line in lines)


def test_files_that_are_added_after_the_signatures_are_listed_before_they_exist() -> None:
    """Prevents a page without the list of early access, because the page is written first."""
    assert {f"public/{name}" for name in ADDED_LATER} == releases.ADDED_LATER


def test_a_file_that_nobody_described_is_listed_by_its_name(public: Path) -> None:
    """Prevents a new kind of file from being published and left out of the list."""
    (public / "extra").mkdir()
    (public / "extra" / "figures.json").write_text("{}" * 1000, encoding="utf-8")
    last = list_files(public)[-1]
    assert (last.path, last.title, last.size) == (
        "extra/figures.json",
        "extra/figures.json",
        "2 KB",
    )


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "under 1 KB"),
        (999, "under 1 KB"),
        (1000, "1 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (12_340_000, "12.3 MB"),
    ],
)
def test_a_size_is_in_the_unit_that_readers_expect(size: int, words: str) -> None:
    """Prevents sizes in bytes, and 1,000 KB beside 1.0 MB."""
    assert format_size(size) == words


def test_policies_are_pages_without_markdown(public: Path) -> None:
    """Prevents a policy that readers see unformatted, or whose links lead out of the release."""
    policies = read_policies()
    assert [policy.stem for policy in policies] == list(POLICIES)
    for policy in policies:
        page = (public / "policies" / f"{policy.stem}.html").read_text(encoding="utf-8")
        text = re.sub(r"<style>.*?</style>|<[^>]+>", "", page, flags=re.DOTALL)
        assert f"<h1>{policy.title}</h1>" in page
        assert not re.search(r"\*\*|\]\(|`|\n\||\.md\b", text), policy.stem
        assert policy.html.count("<table>") == policy.html.count('class="scroll"')
        source = (FOLDER / f"{policy.stem}.md").read_text(encoding="utf-8")
        assert f"# {policy.title}\n" in source
    revisions = (public / "policies" / "revisions.html").read_text(encoding="utf-8")
    assert '<a href="../confidentiality.html">confidentiality</a>' in revisions
    assert "linkage thresholds change only" in " ".join(revisions.split())


def test_a_policy_needs_a_heading(tmp_path: Path) -> None:
    """Prevents a policy whose page has no title."""
    path = tmp_path / "revisions.md"
    path.write_text("Figures change.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"revisions\.md does not begin with a heading"):
        read_policy(path, "when figures change")
