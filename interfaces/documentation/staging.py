"""The folder of pages that MkDocs reads, and the order of the pages in the navigation.

Pages have the same paths as in the project, so that links work in both. A link to a file that is
not a page becomes plain text.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from interfaces.documentation.glossary import Glossary
from register.settings import PROJECT_ROOT

FRONT_PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
REFERENCE = "reference"
PICTURES = (".svg", ".png")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
OUTSIDE = ("http://", "https://", "mailto:", "#")
FENCE = re.compile(r"(^ *```.*?^ *```)", re.MULTILINE | re.DOTALL)
# Pages by purpose: learning, doing, looking up, understanding.
NAVIGATION: dict[str, tuple[str, ...]] = {
    "Start": ("README.md", "docs/index.md", "docs/reference/faq.md", "docs/reference/limits.md"),
    "Tutorial": ("docs/tutorial/first-load.md", "docs/tutorial/follow-a-row.md"),
    "How-to": (
        "docs/how-to/index.md",
        "docs/how-to/runbook.md",
        "docs/how-to/deploy.md",
        "docs/how-to/run-a-load.md",
        "docs/how-to/schedule-loads.md",
        "docs/how-to/check-a-home.md",
        "docs/how-to/mend-a-failed-audit.md",
        "docs/how-to/upgrade.md",
        "docs/how-to/restore.md",
        "docs/how-to/repair-damaged-files.md",
        "docs/how-to/repair-decision-files.md",
        "docs/how-to/give-access.md",
        "docs/how-to/access-record.md",
        "docs/how-to/two-people.md",
        "docs/how-to/erase-a-child.md",
        "docs/how-to/encrypt-a-home.md",
        "docs/how-to/run-on-spark.md",
        "docs/how-to/take-in-deliveries.md",
        "docs/how-to/deliver.md",
        "docs/how-to/check-before-sending.md",
        "docs/how-to/conformance.md",
        "docs/how-to/handle-a-held-delivery.md",
        "docs/how-to/read-a-rejected-delivery.md",
        "docs/how-to/set-a-delivery-aside.md",
        "docs/how-to/tell-suppliers.md",
        "docs/how-to/receipts-and-manifests.md",
        "docs/how-to/announce-a-recording-change.md",
        "docs/how-to/review-pairs.md",
        "docs/how-to/web.md",
        "docs/how-to/look-up-a-childs-key.md",
        "docs/how-to/accept-changed-keys.md",
        "docs/how-to/train-and-judge-linkage.md",
        "docs/how-to/bi-guide.md",
        "docs/how-to/connect-bi-tools.md",
        "docs/how-to/follow-a-figure.md",
        "docs/how-to/compare-generations.md",
        "docs/how-to/go-back-a-generation.md",
        "docs/how-to/look-back.md",
        "docs/how-to/release-statistics.md",
        "docs/how-to/audit-a-sample.md",
        "docs/dashboard/README.md",
        "docs/how-to/add-a-field.md",
        "docs/how-to/add-a-layout.md",
        "docs/how-to/add-a-measure.md",
        "docs/how-to/add-a-rule.md",
        "docs/how-to/add-a-page.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ),
    "Reference": (
        "reference/command-line.md",
        "reference/settings.md",
        "reference/contracts.md",
        "docs/reference/contract-promise.md",
        "docs/reference/sources/police_reports.md",
        "docs/reference/sources/authority_extract.md",
        "docs/reference/sources/authority_return.md",
        "docs/reference/sources/published_statistics.md",
        "docs/reference/measures.md",
        "docs/reference/quality-site.md",
        "docs/reference/serving.md",
        "docs/reference/access-record.md",
        "docs/reference/encrypted-files.md",
        "docs/reference/statistics/release-practice.md",
        "docs/reference/statistics/revisions.md",
        "docs/reference/statistics/compliance.md",
        "docs/reference/statistics/screener.md",
        "docs/reference/statistics/machine-files.md",
        "docs/reference/agreement-reasons.md",
        "docs/reference/model-card.md",
        "docs/reference/linkage-measurements.md",
        "docs/reference/nations.md",
        "docs/reference/faults.md",
        "docs/reference/names.md",
        "docs/data-protection.md",
        "docs/reference/glossary.md",
        "CHANGELOG.md",
    ),
    "Explanation": (
        "docs/explanation/index.md",
        "docs/explanation/generations.md",
        "docs/explanation/spark.md",
        "docs/explanation/agreement-statistics.md",
        "docs/explanation/confidentiality.md",
        "docs/explanation/linkage.md",
    ),
}
# Pages that another program generates, so they may be missing.
OPTIONAL = ("docs/how-to/web.md",)


def build_anchor(heading: str, separator: str = "-") -> str:
    """Build the anchor of a heading as the site that hosts the project does."""
    text = re.sub(r"[^\w\- ]", "", heading.lower()).strip()
    return text.replace(" ", separator)


def stage_pages(folder: Path) -> list[Path]:
    """Copy pages and pictures, with glossary words linked, and return the pages."""
    words = PROJECT_ROOT / "docs" / "reference" / "glossary.md"
    glossary = Glossary(words.read_text(encoding="utf-8"))
    sources = [PROJECT_ROOT / name for name in FRONT_PAGES] + _list_documents()
    staged = {path.relative_to(PROJECT_ROOT).as_posix() for path in sources}
    pages = []
    for source in sources:
        target = folder / source.relative_to(PROJECT_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in PICTURES:
            shutil.copyfile(source, target)
            continue
        text = _remove_broken_links(source.read_text(encoding="utf-8"), source, staged)
        name = source.relative_to(PROJECT_ROOT).as_posix()
        target.write_text(glossary.link_words(text, name), encoding="utf-8")
        pages.append(target)
    return pages


def _list_documents() -> list[Path]:
    docs = PROJECT_ROOT / "docs"
    paths = [path for path in docs.rglob("*") if path.suffix in (".md", *PICTURES)]
    dashboard = docs / "dashboard"
    # Of the dashboard's files, include only its own page; the others belong to npm and Evidence.
    return sorted(
        path for path in paths if dashboard not in path.parents or path == dashboard / "README.md"
    )


def _remove_broken_links(text: str, page: Path, staged: set[str]) -> str:
    """Replace links to files that are not pages of the site by their text.

    A picture that is not part of the site is removed.
    """

    def replace_link(match: re.Match[str]) -> str:
        mark, words, target = match.groups()
        if target.startswith(OUTSIDE):
            return match.group(0)
        path = (page.parent / target.partition("#")[0]).resolve()
        if path.is_relative_to(PROJECT_ROOT):
            name = path.relative_to(PROJECT_ROOT).as_posix()
            if name in staged:
                return match.group(0)
        return words if not mark else ""

    parts = FENCE.split(text)
    return "".join(
        part if place % 2 else LINK.sub(replace_link, part) for place, part in enumerate(parts)
    )


def build_navigation(folder: Path) -> list[dict[str, Any]]:
    """Build MkDocs' navigation of the pages in `folder`.

    The data dictionary ends the section Reference, and decisions end the section Explanation.
    """
    sections: list[dict[str, Any]] = []
    for title, names in NAVIGATION.items():
        entries: list[Any] = [
            name for name in names if name not in OPTIONAL or (folder / name).exists()
        ]
        if title == "Reference":
            entries += _build_section(folder, "Data dictionary", f"{REFERENCE}/dictionary")
        if title == "Explanation":
            entries += _build_section(folder, "Decisions", "docs/decisions")
        sections.append({title: entries})
    return sections


def _build_section(folder: Path, title: str, name: str) -> list[dict[str, list[str]]]:
    pages = sorted((folder / name).glob("*.md"), key=lambda path: (path.stem != "index", path.stem))
    return [{title: [path.relative_to(folder).as_posix() for path in pages]}] if pages else []
