"""Texts of a published version, read from its signed files.

The front page and the bundle repeat these texts, so they never differ from what people signed.
Versions of older releases of the software can lack a page; their texts are then empty.
"""

from __future__ import annotations

import csv
import html
import re
from dataclasses import dataclass

from markupsafe import Markup

from official_statistics.releases import PRE_RELEASE_LIST, Version

# The notice on the page of a withdrawn version. It has the public reason; the event also has names.
NOTICE = re.compile(r"<strong>Withdrawn\.</strong>\s*(?P<reason>.*?)</p>", re.DOTALL)
HEADLINE = re.compile(
    r'<li><span class="topic">(?P<topic>[^<]*)</span>\s*(?P<sentence>[^<]*?)\s*<a', re.DOTALL
)
CONTENT = re.compile(r"</h1>.*?(?P<content><h2.*?)</div>\s*</main>", re.DOTALL)
# What the platform's editor does not take over from a page, or what would lead nowhere there.
HEADING = re.compile(r'<h(?P<level>[23])(?: id="[^"]*")?>')
LINK_TAG = re.compile(r"</?a\b[^>]*>")


@dataclass(frozen=True)
class EarlyAccess:
    """A role that saw a release early, since when (UTC), and why."""

    role: str
    since: str
    reason: str


@dataclass(frozen=True)
class SignedHeadline:
    """One headline sentence of a signed page, and its topic."""

    topic: str
    sentence: str


def read_page(version: Version, name: str) -> str:
    """Return the HTML of a page; empty if the version has no such page."""
    path = version.public / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def read_headlines(version: Version) -> list[SignedHeadline]:
    """Return the headlines on the page of a version, in order."""
    return [
        SignedHeadline(html.unescape(match["topic"]), html.unescape(match["sentence"]))
        for match in HEADLINE.finditer(read_page(version, "index.html"))
    ]


def read_withdrawal_reason(version: Version) -> str:
    """Return the reason on the page of a withdrawn version; empty if there is none."""
    notice = NOTICE.search(read_page(version, "index.html"))
    return html.unescape(notice["reason"]).strip() if notice else ""


def read_sections(version: Version, name: str) -> Markup:
    """Return the sections of a page without links; empty if the version has no such page."""
    content = CONTENT.search(read_page(version, name))
    text = LINK_TAG.sub("", HEADING.sub(r"<h\g<level>>", content["content"])) if content else ""
    # The text is a page of the release, which the register rendered and people signed.
    return Markup(text)  # noqa: S704


def read_early_access(version: Version) -> list[EarlyAccess]:
    """Return the roles on a version's list of early access; empty without a list."""
    path = version.public / PRE_RELEASE_LIST
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            EarlyAccess(row["role"], row["given_at"][:16].replace("T", " "), row["reason"])
            for row in csv.DictReader(stream)
        ]
