"""The policies of releases as pages: revisions, release practice and statement of compliance.

Their words are in `docs/reference/statistics`, so the documents of the register and each release
have the same text. A release contains the policies as they were when it was drafted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import markdown
from markupsafe import Markup

from official_statistics.documents.release_pages import Inputs, Page
from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs" / "reference" / "statistics"
# The policies in order: the stem of each file, and what the policy is about.
POLICIES = {
    "revisions": "when published figures change, and how readers learn of it",
    "release-practice": "what readers may expect of each release",
    "compliance": "how the release follows the Code of Practice for Statistics",
}
HEADING = re.compile(r"\A# (?P<title>.+)\n")
LINK = re.compile(r"\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
# The documents of the register that are pages of a release too, by file name.
PAGES = {
    **{f"{stem}.md": f"{stem}.html" for stem in POLICIES},
    "confidentiality.md": "../confidentiality.html",
}
RELEASE_PAGE = re.compile(r"`(?P<name>(?:index|guidance|quality|reconciliation)\.html)`")
SCROLL = '<div class="scroll" tabindex="0" role="group" aria-label="Table: {}">'


@dataclass(frozen=True)
class Policy:
    """One policy: the stem of its file, its title, what it is about, and its text as HTML."""

    stem: str
    title: str
    words: str
    html: Markup


def build_policy_pages(_: Inputs) -> Iterator[Page]:
    """Yield a page for each policy, and one that lists them."""
    policies = read_policies()
    for policy in policies:
        yield Page(f"policies/{policy.stem}.html", "policy.html.j2", {"policy": policy})
    yield Page("policies/index.html", "policies.html.j2", {"policies": policies})


@cache
def read_policies() -> tuple[Policy, ...]:
    """Return the policies in order."""
    return tuple(read_policy(FOLDER / f"{stem}.md", words) for stem, words in POLICIES.items())


def read_policy(path: Path, words: str) -> Policy:
    """Return the policy in a Markdown file. Raises `ValueError` if it has no heading."""
    text = path.read_text(encoding="utf-8")
    heading = HEADING.match(text)
    if heading is None:
        raise ValueError(f"{path.name} does not begin with a heading")
    body = LINK.sub(_replace_link, text[heading.end() :])
    body = RELEASE_PAGE.sub(r"[\g<name>](../\g<name>)", body)
    html = markdown.markdown(body, extensions=["tables", "sane_lists"], output_format="html")
    title = heading["title"]
    html = html.replace("<table>", f"{SCROLL.format(title)}\n<table>")
    html = html.replace("</table>", "</table>\n</div>").replace("<th>", '<th scope="col">')
    # The text is a file of this project, not of a reader.
    return Policy(path.stem, title, words, Markup(html))  # noqa: S704


def _replace_link(link: re.Match[str]) -> str:
    """Return a link to the page of the release, or only its words if the release has none."""
    target, _, _ = link["target"].partition("#")
    page = PAGES.get(target.rpartition("/")[2])
    return f"[{link['words']}]({page})" if page else link["words"]
