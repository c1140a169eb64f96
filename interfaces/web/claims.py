"""Claims on questions, so that two reviewers do not answer the same question.

A claim only reserves a question, and expires. With or without a claim, a form is refused if another
person has decided since its page was opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interfaces.web.application_files import lock_file, prepare_file_path, read_json, write_json
from register.settings import Settings

CLAIMS = "claims.json"
CLAIM_MINUTES = 20


class ClaimedError(RuntimeError):
    """Another person is working on the question."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.by} is working on this until {claim.until:%H:%M} UTC")
        self.claim = claim


@dataclass(frozen=True)
class Claim:
    """The person who works on a question, and the time (UTC) until which it is reserved."""

    subject: str
    by: str
    until: datetime


def read_claims(settings: Settings, now: datetime | None = None) -> dict[str, Claim]:
    """Return the claims that have not expired, by their subject."""
    moment = now or datetime.now(UTC)
    claims = [
        Claim(subject, facts["by"], datetime.fromisoformat(facts["until"]))
        for subject, facts in read_json(settings, settings.web_folder / CLAIMS).items()
    ]
    return {claim.subject: claim for claim in claims if claim.until > moment}


def claim_question(
    settings: Settings,
    subject: str,
    by: str,
    *,
    is_taken_over: bool = False,
    now: datetime | None = None,
) -> Claim:
    """Claim a question for 20 minutes, or extend a claim that the person already has.

    Raises `ClaimedError` if somebody else has claimed it and `is_taken_over` is false.
    """
    moment = now or datetime.now(UTC)
    path = prepare_file_path(settings, CLAIMS)
    with lock_file(path):
        claims = read_claims(settings, moment)
        current_claim = claims.get(subject)
        if current_claim is not None and current_claim.by != by and not is_taken_over:
            raise ClaimedError(current_claim)
        claims[subject] = Claim(subject, by, moment + timedelta(minutes=CLAIM_MINUTES))
        _write_claims(settings, claims)
        return claims[subject]


def release_question(settings: Settings, subject: str, by: str) -> None:
    """End a person's own claim on a question. Another person's claim stays."""
    with lock_file(prepare_file_path(settings, CLAIMS)):
        claims = read_claims(settings)
        if subject in claims and claims[subject].by == by:
            del claims[subject]
            _write_claims(settings, claims)


def _write_claims(settings: Settings, claims: dict[str, Claim]) -> None:
    content = {
        subject: {"by": each.by, "until": each.until.isoformat(timespec="seconds")}
        for subject, each in claims.items()
    }
    write_json(settings, prepare_file_path(settings, CLAIMS), content)
