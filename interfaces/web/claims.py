"""Claims: who is on a question now, so that two reviewers do not answer the same one.

A claim ends by itself. It reserves a question and decides nothing: a decision that somebody else
took meanwhile is refused by what the form had seen, with or without a claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interfaces.web.file_answers import hold, read_json, web_file, write_json
from register.settings import Settings

CLAIMS = "claims.json"
CLAIM_MINUTES = 20


class ClaimedError(RuntimeError):
    """Somebody else is on the question."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.by} is on this until {claim.until:%H:%M} UTC")
        self.claim = claim


@dataclass(frozen=True)
class Claim:
    """Who is on a question, and until when (UTC)."""

    subject: str
    by: str
    until: datetime


def read_claims(settings: Settings, now: datetime | None = None) -> dict[str, Claim]:
    """The claims that have not ended, by their subject."""
    moment = now or datetime.now(UTC)
    found = [
        Claim(subject, facts["by"], datetime.fromisoformat(facts["until"]))
        for subject, facts in read_json(settings.web_folder / CLAIMS).items()
    ]
    return {claim.subject: claim for claim in found if claim.until > moment}


def claim(
    settings: Settings,
    subject: str,
    by: str,
    *,
    is_taken_over: bool = False,
    now: datetime | None = None,
) -> Claim:
    """Claim a question for a while, or for longer where it is one's own.

    Raises `ClaimedError` where it is somebody else's and is not to be taken over.
    """
    moment = now or datetime.now(UTC)
    path = web_file(settings, CLAIMS)
    with hold(path):
        claims = read_claims(settings, moment)
        held = claims.get(subject)
        if held is not None and held.by != by and not is_taken_over:
            raise ClaimedError(held)
        claims[subject] = Claim(subject, by, moment + timedelta(minutes=CLAIM_MINUTES))
        _write(settings, claims)
        return claims[subject]


def release(settings: Settings, subject: str, by: str) -> None:
    """Give a question back; somebody else's claim stays."""
    with hold(web_file(settings, CLAIMS)):
        claims = read_claims(settings)
        if subject in claims and claims[subject].by == by:
            del claims[subject]
            _write(settings, claims)


def _write(settings: Settings, claims: dict[str, Claim]) -> None:
    content = {
        subject: {"by": each.by, "until": each.until.isoformat(timespec="seconds")}
        for subject, each in claims.items()
    }
    write_json(web_file(settings, CLAIMS), content)
