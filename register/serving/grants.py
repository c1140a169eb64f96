"""Grants: which members of the role `register_area` may read which areas' rows.

Rows of `decisions/serving_grants.csv` are only appended. A later row about the same member and area
replaces an earlier one. Enforcing grants belongs in `register.serving.postgres_access`.
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime

from register.decision_files import (
    append_decisions,
    find_decision_file_fault,
    read_decision_rows,
)
from register.feeds import format_instant
from register.settings import Settings

GRANTS = "serving_grants.csv"
GRANT, REVOKE = "grant", "revoke"
# Seeds that list areas, each with its column of area codes.
AREAS = (
    ("ref__authorities.csv", "authority_code_dfe"),
    ("ref__police_forces.csv", "police_force_code"),
)


class GrantError(ValueError):
    """A grant cannot be recorded or read; the message says why."""


@dataclass(frozen=True)
class Grant:
    """A row of the file of grants, as text. `member` is a database role that can log in."""

    decided_at: str
    decided_by: str
    decision: str
    member: str
    area_code: str
    expires_on: str
    reason: str

    @property
    def subject(self) -> tuple[str, str]:
        """The member and the area. A later row with the same two replaces this row."""
        return self.member, self.area_code


def decide_grant(  # noqa: PLR0913 - the fields of a decision
    settings: Settings,
    decision: str,
    member: str,
    area_code: str,
    *,
    by: str,
    reason: str,
    expires_on: date | None = None,
) -> None:
    """Record that a member may read the rows of an area, or that this right is revoked.

    Raises `GrantError` for an unknown area, for a missing name or reason, or if a right is revoked
    that the member does not have.
    """
    member, by, reason = (" ".join(text.split()) for text in (member, by, reason))
    if not (member and by and reason):
        raise GrantError("a grant needs a member, who decided it, and a reason")
    grant = Grant(
        decided_at=format_instant(datetime.now(UTC)),
        decided_by=by,
        decision=decision,
        member=member,
        area_code=area_code,
        expires_on="" if expires_on is None else expires_on.isoformat(),
        reason=reason,
    )
    _check_area(settings, grant)
    if decision == REVOKE and grant.subject not in {item.subject for item in read_grants(settings)}:
        raise GrantError(
            f"{member} has no grant for {area_code}: `register serve grants` lists all"
        )
    append_decisions(settings, GRANTS, [astuple(grant)], GrantError)


def read_grants(settings: Settings) -> list[Grant]:
    """Return the grants that were not revoked, including expired ones, by member and area.

    Raises `GrantError` for an invalid row.
    """
    if not (settings.decisions / GRANTS).exists():
        return []
    fault = find_decision_file_fault(settings, GRANTS)
    if fault is not None:
        raise GrantError(fault)
    latest: dict[tuple[str, str], Grant] = {}
    for number, row in enumerate(read_decision_rows(settings, GRANTS), start=2):
        grant = Grant(**row)
        try:
            _check_grant(settings, grant)
        except GrantError as error:
            raise GrantError(f"{GRANTS}, line {number}: {error}") from None
        latest[grant.subject] = grant
    return [latest[subject] for subject in sorted(latest) if latest[subject].decision == GRANT]


def _check_grant(settings: Settings, grant: Grant) -> None:
    if grant.decision not in {GRANT, REVOKE}:
        raise GrantError(f"a decision is {GRANT} or {REVOKE}")
    if not grant.member:
        raise GrantError("no member is named")
    if grant.expires_on:
        try:
            date.fromisoformat(grant.expires_on)
        except ValueError:
            raise GrantError("expires_on is no date, such as 2027-03-31") from None
    _check_area(settings, grant)


def _check_area(settings: Settings, grant: Grant) -> None:
    if grant.area_code not in _read_area_codes(settings):
        raise GrantError(f"no authority or police force has the code {grant.area_code}")


def _read_area_codes(settings: Settings) -> set[str]:
    codes = set()
    for name, column in AREAS:
        with (settings.seeds / name).open(encoding="utf-8", newline="") as file:
            codes |= {row[column] for row in csv.DictReader(file)}
    return codes
