"""Access grants: who may see the data of which area, in how much detail.

A grant names a holder: an account of the web application, an identity of the sign-in proxy or of
the OpenID Connect provider, a PostgreSQL role, or an account of the operating system. All of them
share one name space. Rows of `decisions/access_grants.csv` are only appended. A later row about the
same holder and area replaces an earlier one.

The web application, the terminal and PostgreSQL enforce grants, each in its own package.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from register.access_record import Entry, RecordError, record_access
from register.choices import LEVELS, Level
from register.decision_columns import ACCESS_GRANTS, FORMER_GRANTS
from register.decision_files import (
    append_decisions,
    find_decision_file_fault,
    hold_decisions,
    read_decision_rows,
)
from register.settings import Settings

GRANT, REVOKE = "grant", "revoke"
# The area code of a grant for the whole nation.
ALL = "all"
# Seeds that list areas, each with its column of area codes.
AREA_SEEDS = (
    ("ref__authorities.csv", "authority_code_dfe"),
    ("ref__police_forces.csv", "police_force_code"),
)
# Releases up to 1.0 granted PostgreSQL roles the exact rows of areas, in a file of their own.
FORMER_LEVEL: Level = "exact"


class GrantError(ValueError):
    """A grant cannot be recorded or read; the message says why."""


@dataclass(frozen=True)
class Grant:
    """A row of the file of grants, as text."""

    decided_at: str
    decided_by: str
    decision: str
    holder: str
    level: Level
    area_code: str
    expires_on: str
    reason: str

    @property
    def subject(self) -> tuple[str, str]:
        """The holder and the area. A later row with the same two replaces this row."""
        return self.holder, self.area_code

    def is_expired(self, today: date) -> bool:
        """Return whether the last day of the grant has passed."""
        return bool(self.expires_on) and date.fromisoformat(self.expires_on) < today


@dataclass(frozen=True)
class Access:
    """What one holder may see: for each granted area, or `all`, the highest level of detail.

    `is_decided` says whether any row of the file names the holder, also one that was revoked.
    """

    holder: str
    levels: Mapping[str, Level] = field(default_factory=dict)
    is_decided: bool = False

    def level_for(self, area_code: str) -> Level | None:
        """Return the level at which the holder sees an area; None if they see nothing of it."""
        granted = [self.levels[code] for code in (area_code, ALL) if code in self.levels]
        return max(granted, key=LEVELS.index, default=None)

    def sees_area(self, level: Level, area_code: str | None) -> bool:
        """Return whether the holder sees an area at this level.

        Rows without an area are seen only by holders of a grant for `all`.
        """
        return _includes(self.level_for(area_code or ALL), level)

    def list_areas(self, level: Level) -> frozenset[str]:
        """Return the areas, or `all`, that are granted at this level or a more detailed one."""
        return frozenset(code for code, granted in self.levels.items() if _includes(granted, level))

    def sees_everything(self, level: Level) -> bool:
        """Return whether the holder sees every area of the nation at this level."""
        return ALL in self.list_areas(level)

    def sees_any_area(self, level: Level) -> bool:
        """Return whether the holder sees any area at this level."""
        return bool(self.list_areas(level))


def decide_grant(  # noqa: PLR0913 - the fields of a decision
    settings: Settings,
    decision: str,
    holder: str,
    area_code: str,
    level: Level | None = None,
    *,
    by: str,
    reason: str,
    expires_on: date | None = None,
) -> Grant:
    """Record that a holder may see an area at a level, or that this right is revoked.

    Revoking needs no level. Returns the recorded row. Raises `GrantError` for an unknown area or
    level, for a missing name or reason, or if a right is revoked that the holder does not have.
    """
    holder, by, reason = (" ".join(text.split()) for text in (holder, by, reason))
    if not (holder and by and reason):
        raise GrantError("a grant needs a holder, who decided it, and a reason")
    with hold_decisions(settings):
        current = {grant.subject: grant for grant in read_grants(settings)}
        if decision == REVOKE:
            if (holder, area_code) not in current:
                raise GrantError(
                    f"{holder} has no grant for {area_code}: `register access list` lists all"
                )
            level = current[holder, area_code].level
        grant = Grant(
            decided_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            decided_by=by,
            decision=decision,
            holder=holder,
            level=level or LEVELS[0],
            area_code=area_code,
            expires_on="" if expires_on is None else expires_on.isoformat(),
            reason=reason,
        )
        _check_grant(settings, grant)
        try:
            entry = Entry("grant", decision, keys=(holder, area_code, grant.level))
            record_access(settings, entry)
        except RecordError as error:
            raise GrantError(str(error)) from None
        append_decisions(settings, ACCESS_GRANTS, [astuple(grant)], GrantError)
    return grant


def read_grants(settings: Settings) -> list[Grant]:
    """Return the grants that were not revoked, including expired ones, by holder and area.

    Raises `GrantError` for an invalid row.
    """
    latest = _read_latest(settings)
    return [latest[subject] for subject in sorted(latest) if latest[subject].decision == GRANT]


def find_access(settings: Settings, holder: str, today: date | None = None) -> Access:
    """Return what a holder may see today, by the grants in force.

    Raises `GrantError` for an invalid row.
    """
    day = today or datetime.now(UTC).date()
    own = [grant for grant in _read_latest(settings).values() if grant.holder == holder]
    levels = {
        grant.area_code: grant.level
        for grant in own
        if grant.decision == GRANT and not grant.is_expired(day)
    }
    return Access(holder, levels, is_decided=bool(own))


def list_areas_of_holders(
    settings: Settings, grants: Iterable[Grant], level: Level
) -> Iterator[tuple[str, str, str]]:
    """Yield the holder, area and last day of each grant that includes a level.

    A grant for `all` is yielded once for each area.
    """
    for grant in grants:
        if _includes(grant.level, level):
            is_national = grant.area_code == ALL
            codes = sorted(read_area_codes(settings)) if is_national else [grant.area_code]
            for code in codes:
                yield grant.holder, code, grant.expires_on


def read_area_codes(settings: Settings) -> frozenset[str]:
    """Return the codes of all local authorities and police forces."""
    return _read_area_codes(settings.seeds)


def _includes(granted: Level | None, level: Level) -> bool:
    return granted is not None and LEVELS.index(granted) >= LEVELS.index(level)


def _read_latest(settings: Settings) -> dict[tuple[str, str], Grant]:
    """Return the last decision about each holder and area. The former file is read first."""
    latest: dict[tuple[str, str], Grant] = {}
    for name in (FORMER_GRANTS, ACCESS_GRANTS):
        for grant in _read_file(settings, name):
            latest[grant.subject] = grant
    return latest


def _read_file(settings: Settings, name: str) -> Iterator[Grant]:
    if not (settings.decisions / name).exists():
        return
    fault = find_decision_file_fault(settings, name)
    if fault is not None:
        raise GrantError(fault)
    rows: list[dict[str, Any]] = [*read_decision_rows(settings, name)]
    for number, row in enumerate(rows, start=2):
        if name == FORMER_GRANTS:
            row["holder"], row["level"] = row.pop("member"), FORMER_LEVEL
        grant = Grant(**row)
        try:
            _check_grant(settings, grant)
        except GrantError as error:
            raise GrantError(f"{name}, line {number}: {error}") from None
        yield grant


def _check_grant(settings: Settings, grant: Grant) -> None:
    if grant.decision not in {GRANT, REVOKE}:
        raise GrantError(f"a decision is {GRANT} or {REVOKE}")
    if not grant.holder:
        raise GrantError("no holder is named")
    if grant.level not in LEVELS:
        raise GrantError(f"a level is one of {', '.join(LEVELS)}")
    if grant.expires_on:
        try:
            date.fromisoformat(grant.expires_on)
        except ValueError:
            raise GrantError("expires_on is no date, such as 2027-03-31") from None
    if grant.area_code != ALL and grant.area_code not in read_area_codes(settings):
        raise GrantError(f"no authority or police force has the code {grant.area_code}")


@cache
def _read_area_codes(seeds: Path) -> frozenset[str]:
    codes = set()
    for name, column in AREA_SEEDS:
        with (seeds / name).open(encoding="utf-8", newline="") as file:
            codes |= {row[column] for row in csv.DictReader(file)}
    return frozenset(codes)
