"""Two people withdraw a version, with a reason, and only as it was published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from official_statistics.production import withdraw_release
from official_statistics.releases import (
    Change,
    Person,
    ReleaseError,
    announce,
    find_announcement,
    list_signers,
    note_check,
    note_draft,
    sign_version,
    verify_all,
    verify_signatures,
)
from register.settings import Settings
from tests.statistics.signed_versions import (
    AREED,
    BHEAD,
    HEAD_KEY,
    make_signed_home,
    sign_up_to,
    withdraw_signed,
)
from tests.statistics.versions import RELEASE_AT, at

WITHDRAWER = Person("areed", "producer", "A wrong table")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two signatories."""
    return make_signed_home(tmp_path / "home")


@pytest.mark.parametrize(
    ("withdrawer", "approver", "refusal"),
    [
        (replace(WITHDRAWER, words=" "), BHEAD, "needs a reason"),
        (replace(WITHDRAWER, who="bhead"), BHEAD, "two people answer"),
        (replace(WITHDRAWER, who="zdoe"), BHEAD, "'zdoe' is not a signatory"),
        (WITHDRAWER, Person("cdoe", "head_of_profession"), "'cdoe' is not a signatory"),
    ],
)
def test_a_withdrawal_needs_a_reason_and_two_signatories(
    settings: Settings, withdrawer: Person, approver: Person, refusal: str
) -> None:
    """Prevents a release that one person, or a stranger, takes from the public."""
    settings = replace(settings, signatories={**settings.signatories, "cdoe": "producer"})
    version = sign_up_to(settings, "published")
    with pytest.raises(ReleaseError, match=refusal):
        withdraw_release(settings, version, withdrawer, approver, at(1))
    assert version.state == "published"
    withdraw_release(settings, version, WITHDRAWER, BHEAD, at(1))
    assert version.state == "withdrawn"


def test_a_file_that_was_added_is_not_sealed(settings: Settings) -> None:
    """Prevents a file that nobody signed below the signatures of a withdrawal."""
    version = sign_up_to(settings, "published")
    version.data.chmod(0o755)
    (version.data / "more.csv").touch()
    with pytest.raises(ReleaseError, match="not as it was published"):
        withdraw_signed(settings, version)
    (version.data / "more.csv").unlink()
    withdraw_signed(settings, version)
    assert verify_all(settings) == []


def test_a_withdrawal_that_was_killed_after_its_page_is_run_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a version that can be neither read nor withdrawn."""
    version = sign_up_to(settings, "published")

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("official_statistics.releases.withdrawals.seal_version", fail)
        withdraw_signed(settings, version)
    assert version.state == "published"
    withdraw_signed(settings, version)
    assert version.state == "withdrawn"
    assert verify_signatures(settings, list_signers(settings)) == []


def test_the_calendar_of_the_next_release_stays(settings: Settings) -> None:
    """Prevents a withdrawal that takes back the announcement of a correction."""
    version = sign_up_to(settings, "published")
    change = Change("A correction", "bhead", HEAD_KEY)
    announce(settings, 2026, RELEASE_AT.replace(day=30), at(0.5), change)
    withdraw_signed(settings, version)
    line = find_announcement(settings, 2026)
    assert line is not None
    assert line.state == "announced"


def test_the_calendar_says_withdrawn_once_no_version_is_left(settings: Settings) -> None:
    """Prevents a calendar that says of a public release that it is withdrawn."""
    versions = [sign_up_to(settings, "published"), sign_up_to(settings, "published", 2)]
    for version, state in zip(reversed(versions), ("published", "withdrawn"), strict=True):
        withdraw_signed(settings, version)
        line = find_announcement(settings, 2026)
        assert line is not None
        assert line.state == state


def test_signatures_of_an_earlier_draft_do_not_count(settings: Settings) -> None:
    """Prevents a signature of replaced files that is called forged, or that counts for others."""
    version = sign_up_to(settings, "signed")
    (version.data / "table.csv").write_text("a,b\n1,4\n", encoding="utf-8")
    note_draft(settings, version, AREED, at(-7))
    note_check(settings, version, AREED, at(-6))
    sign_version(settings, version, AREED, at(-5))
    signers = list_signers(settings)
    assert verify_signatures(settings, signers) == []
    version.description.write_text("generation: two\n", encoding="utf-8")
    note_draft(settings, version, AREED, at(-4))
    note_check(settings, version, AREED, at(-3))
    sign_version(settings, version, AREED, at(-2))
    assert verify_signatures(settings, signers) == []
