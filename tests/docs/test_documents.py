"""Documents are listed, their links lead somewhere, and decisions have one shape."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from register.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
DASHBOARD = DOCS / "dashboard"
# Files of the dashboard, pictures and units: the next test looks for them. Superseded decisions are
# listed by the one that replaces them.
FOLDERS_OF_A_PAGE = {
    DASHBOARD,
    DOCS / "pictures",
    DOCS / "deployment",
    DOCS / "connect",
    DOCS / "decisions" / "superseded",
}
PARTS = ("Status", "Context", "Options considered", "Decision", "Consequence")
# Of a decision that another one replaces, only what was decided and by which it is replaced.
SUPERSEDED_PARTS = ("Status", "Decision")
MOST_WORDS_OF_DECISIONS = 12_000
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
RELATION = re.compile(
    r"`(?:\w+\.)?((?:(?:stg|ref|map)_|int|dim|fct|bridge|agg|case_list|golden_record)_[a-z0-9_]+)(?![\w<*])"
)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
OUTSIDE = ("http://", "https://", "mailto:")
SKIPPED = {"build"}


def _documents() -> list[Path]:
    entries = [
        entry
        for entry in PROJECT_ROOT.iterdir()
        if not entry.name.startswith(".") and entry.name not in SKIPPED
    ]
    found = [entry for entry in entries if entry.suffix == ".md"]
    found += [
        path
        for entry in entries
        if entry.is_dir()
        for path in entry.rglob("*.md")
        # What npm installs, and the pages that Evidence reads.
        if DASHBOARD not in path.parents or path == DASHBOARD / "README.md"
    ]
    assert len(found) > 20
    return found


def _links(path: Path) -> list[str]:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not link.startswith(OUTSIDE)]


@cache
def _anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    names = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return frozenset(name.strip().replace(" ", "-") for name in names)


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    """Prevents links to pages that were renamed and to headings that were reworded."""
    wrong = set()
    for document in _documents():
        for link in _links(document):
            name, _, anchor = link.partition("#")
            target = (document.parent / name).resolve() if name else document
            if not target.exists() or (
                anchor and target.suffix == ".md" and anchor not in _anchors(target)
            ):
                wrong.add(f"{document.relative_to(PROJECT_ROOT)}: {link}")
    assert wrong == set()


def test_every_document_is_in_the_index() -> None:
    """Prevents pages that a reader can find only by listing a folder."""
    index = DOCS / "index.md"
    named = re.findall(r"`([\w/-]+\.md)`", index.read_text(encoding="utf-8"))
    linked = [link.partition("#")[0] for link in _links(index)]
    listed = {(DOCS / name).resolve() for name in (*named, *linked)}
    # The tasks have a list of their own, to which the index leads.
    tasks = DOCS / "how-to" / "index.md"
    assert tasks in listed
    listed |= {(tasks.parent / link.partition("#")[0]).resolve() for link in _links(tasks)}
    # These files are listed by the page that they belong to.
    pages = {
        path
        for path in DOCS.rglob("*")
        if path.is_file() and path != index and not FOLDERS_OF_A_PAGE & set(path.parents)
    }
    pages.add(DASHBOARD / "README.md")
    assert {str(path.relative_to(DOCS)) for path in pages - listed} == set()
    front = {PROJECT_ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")}
    assert front - listed == set()


def test_every_picture_and_unit_is_on_a_page() -> None:
    """Prevents files that no page shows, and pictures without words for those who cannot see."""
    texts = [path.read_text(encoding="utf-8") for path in _documents()]
    files = [
        path for name in ("pictures", "deployment", "connect") for path in (DOCS / name).iterdir()
    ]
    assert len(files) > 5
    assert [path.name for path in files if not any(path.name in text for text in texts)] == []
    pictures = [found for text in texts for found in re.findall(r"!\[([^\]]*)\]\(", text)]
    assert pictures
    assert all(len(words.split()) > 3 for words in pictures)


def test_every_decision_has_its_parts_in_order() -> None:
    """Prevents a decision without its alternatives, or without its standing today."""
    records = sorted((DOCS / "decisions").rglob("*.md"), key=lambda path: path.name)
    numbers = [int(path.name[:4]) for path in records]
    assert numbers == list(range(1, len(records) + 1))
    for number, path in zip(numbers, records, strict=True):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        found = re.findall(r"^\*\*([A-Z][a-z ]+)\.\*\*", text, re.MULTILINE)
        is_superseded = "**Status.** Superseded by" in text
        assert is_superseded == (path.parent.name == "superseded"), path.name
        parts = SUPERSEDED_PARTS if is_superseded else PARTS
        assert [part for part in found if part in PARTS] == list(parts), path.name


def test_decisions_are_read_in_an_hour() -> None:
    """Prevents records that grow into diaries of what was measured and when."""
    records = (DOCS / "decisions").rglob("*.md")
    words = sum(len(path.read_text(encoding="utf-8").split()) for path in records)
    assert words <= MOST_WORDS_OF_DECISIONS


def test_a_decision_and_the_one_that_replaces_it_name_each_other() -> None:
    """Prevents a reader of an old decision from being sent to one that also holds no longer."""
    for path in (DOCS / "decisions" / "superseded").iterdir():
        text = path.read_text(encoding="utf-8")
        later = (path.parent / LINK.findall(text)[0]).resolve()
        assert later.parent == DOCS / "decisions", path.name
        assert f"superseded/{path.name}" in later.read_text(encoding="utf-8"), path.name


def test_every_word_is_explained_once() -> None:
    """Prevents two meanings of one word, and an entry that is no sentence or is empty."""
    text = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.*?) \|$", text, re.MULTILINE)
    words = [word for word, meaning in rows if word != "word"]
    assert len(words) > 90
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert [word for word, meaning in rows if len(meaning.split()) < 3 and word != "word"] == []
    reasons = (PROJECT_ROOT / "seeds" / "ref__reasons.csv").read_text(encoding="utf-8")
    codes = [line.split(",")[0] for line in reasons.splitlines()[1:]]
    assert codes
    assert set(codes) - set(words) == set()


def test_every_file_that_contributing_names_is_there() -> None:
    """Prevents instructions that name files as they were."""
    text = (PROJECT_ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {
        name
        for name in re.findall(r"`([\w.]+/[\w./-]+)`", text)
        if not name.startswith((".venv/", ".register/"))
    }
    assert len(named) > 10
    assert {name for name in named if not (PROJECT_ROOT / name).exists()} == set()


def test_every_relation_that_a_document_names_is_in_the_project() -> None:
    """Prevents documents that send a reader to models as they were called before."""
    models = (PROJECT_ROOT / "dbt_project" / "models").rglob("*.*")
    seeds = (PROJECT_ROOT / "seeds").glob("*.csv")
    known = {path.stem for path in (*models, *seeds)}
    wrong = {
        f"{document.relative_to(PROJECT_ROOT)}: {name}"
        for document in _documents()
        if document.name != "CHANGELOG.md"  # says what was
        for name in RELATION.findall(document.read_text(encoding="utf-8"))
        if name not in known
    }
    assert wrong == set()
