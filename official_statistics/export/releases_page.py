"""The front page of the exported site: the latest release, all versions, and coming releases.

It is not signed, because it changes with each publication and withdrawal. Its figures are the
headlines of the latest release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from official_statistics.documents import render_template
from official_statistics.export.signed_texts import (
    read_early_access,
    read_headlines,
    read_withdrawal_reason,
)
from official_statistics.papers import build_release_facts, read_basis
from official_statistics.releases import (
    LONDON,
    PUBLIC_STATES,
    Version,
    read_calendar,
)
from register.settings import Settings

AREAS, SIGNATURES = "areas/index.html", "signatures.json"
POLICIES = {
    "policies/revisions.html": "Revisions and corrections",
    "policies/release-practice.html": "Release practice",
    "policies/compliance.html": "Statement of compliance",
    "confidentiality.html": "Confidentiality",
}


@dataclass(frozen=True)
class ListedVersion:
    """One line of the list of versions, in words; `is_included` if the site has its pages."""

    folder: str
    number: int
    period: str
    published: str
    state: str
    is_included: bool


def render_front_page(
    settings: Settings, known: Sequence[Version], included: Sequence[Version]
) -> str:
    """Return the HTML of the front page.

    `known` are all versions that are or were public; `included` are those whose pages the site has.
    """
    # A correction of an earlier year may be published after the newest year.
    ordered = sorted(known, key=lambda each: (each.year, each.number), reverse=True)
    public = [version for version in ordered if version.state in PUBLIC_STATES]
    main = (public or ordered)[0]
    lines = {version: _describe_version(version, included) for version in ordered}
    facts = build_release_facts(main, read_basis(main))

    def find_link(path: str) -> str:
        """Return the link to a page of the latest release; empty if the site has no such page."""
        has_page = main in included and (main.public / path).exists()
        return f"{main.name}/{path}" if has_page else ""

    values: dict[str, object] = {
        "facts": facts,
        "root": "",
        "latest": lines[main] if public else None,
        "next_release": facts.next_release_in_words if facts.next_release_at else "",
        "headlines": read_headlines(main) if public else [],
        "versions": list(lines.values()),
        "early_access": read_early_access(main),
        "calendar": _list_coming_releases(settings),
        "policies": [
            (link, title) for path, title in POLICIES.items() if (link := find_link(path))
        ],
        "areas_page": find_link(AREAS),
        "signatures": find_link(SIGNATURES),
    }
    return render_template("all_releases.html.j2", values)


def _describe_version(version: Version, included: Sequence[Version]) -> ListedVersion:
    published = datetime.fromisoformat(version.published_at)
    return ListedVersion(
        folder=version.name,
        number=version.number,
        period=f"Year ending 31 March {version.year}",
        published=format_time(published),
        state=_describe_state(version),
        is_included=version in included,
    )


def _describe_state(version: Version) -> str:
    state = version.state
    if state == "withdrawn":
        reason = read_withdrawal_reason(version)
        return f"Withdrawn: {reason}" if reason else "Withdrawn"
    if state == "superseded":
        return "Replaced by a later version"
    reason = read_basis(version).reason
    return f"Current. Revised: {reason}" if reason else "Current"


def _list_coming_releases(settings: Settings) -> list[dict[str, str]]:
    return [
        {"period": line.period, "time": format_time(line.release_time)}
        for line in read_calendar(settings)
        if line.state == "announced"
    ]


def format_time(time: datetime) -> str:
    """Return a time in words, as people in London read it."""
    local = time.astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"
