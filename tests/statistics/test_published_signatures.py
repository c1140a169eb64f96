"""Who has the register's key cannot make a copy of a release say what nobody signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from official_statistics.releases import (
    Version,
    find_copy_faults,
    list_signers,
)
from register.settings import Settings
from register.signatory_keys import sign_content
from tests.statistics.signed_versions import BHEAD, HEAD_KEY, make_signed_home, sign_up_to
from tests.statistics.versions import RELEASE_AT

published = import_module("official_statistics.releases.published_signatures")
statements = import_module("official_statistics.releases.signed_statements")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two signatories."""
    return make_signed_home(tmp_path / "home")


def _sign_anew(settings: Settings, version: Version, changed: dict[str, Any]) -> list[str]:
    """Change what the register signed, sign it with the register's key, and verify the copy."""
    path = version.public / "signatures.json"
    signatures = TypeAdapter(published.PublishedSignatures).validate_json(path.read_bytes())
    anew = replace(signatures, **changed, signature="")
    signature = sign_content(statements.derive_register_keys(settings)[0], anew.content)
    content = statements.encode_canonical(statements.asdict(replace(anew, signature=signature)))
    version.public.chmod(0o755)
    path.chmod(0o644)
    path.write_bytes(content)
    return find_copy_faults(version.public, list_signers(settings))


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"version": "2026/v2"}, ["a signature is about another version"]),
        ({"release_at": RELEASE_AT.isoformat()}, []),
        (
            {"release_at": (RELEASE_AT - A_MINUTE).isoformat()},
            ["the announced time is before the one that was approved"],
        ),
        ({"at": RELEASE_AT.isoformat()}, []),
        (
            {"at": (RELEASE_AT - A_MINUTE).isoformat()},
            ["it was published before the time that was approved"],
        ),
    ],
)
def test_a_copy_has_the_version_and_times_that_people_approved(
    settings: Settings, changed: dict[str, str], faults: list[str]
) -> None:
    """Prevents the signatures of one version, or of a later time, on another release."""
    version = sign_up_to(settings, "published")
    assert _sign_anew(settings, version, changed) == faults


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_people_signed_the_files_of_a_copy(settings: Settings, state: str) -> None:
    """Prevents other files below the signatures that people gave for the right ones."""
    version = sign_up_to(settings, state)
    assert _sign_anew(settings, version, {}) == []
    version.data.chmod(0o755)
    (version.data / "more.csv").touch()
    faults = _sign_anew(settings, version, {"files": published.hash_folder(version.public)})
    expected = {
        "published": [
            "no producer in the list of signers has signed: signed",
            "no head of profession in the list of signers has signed: approved",
        ],
        "withdrawn": ["no head of profession in the list of signers has signed: withdrawn"],
    }
    assert faults == expected[state]


def test_one_person_with_two_keys_is_no_second_person(settings: Settings) -> None:
    """Prevents a release for which one person answers in both roles."""
    version = sign_up_to(settings, "published")
    signers = list_signers(settings)
    assert find_copy_faults(version.public, signers) == []
    same = [replace(each, name="areed") for each in signers]
    assert find_copy_faults(version.public, same) == ["one person signed every step"]


@pytest.mark.parametrize(("role", "is_right"), [("head_of_profession", True), ("producer", False)])
def test_a_statement_has_the_role_of_its_signer(
    settings: Settings, role: str, is_right: bool
) -> None:
    """Prevents a head of profession whose signature passes for a producer's."""
    version = sign_up_to(settings, "approved")
    signed = statements.sign_event(
        version.name, HEAD_KEY, replace(version.read_events()[-1], role=role)
    )
    statement = statements.build_statement(version.name, signed)
    signer = statements.find_signer(statement, list_signers(settings))
    assert (signer is not None) is is_right
    assert signer is None or signer.name == BHEAD.who
