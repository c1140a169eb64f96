"""Two people sign a release with keys of their own, and anybody can verify what they signed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from official_statistics import releases
from official_statistics.releases import (
    Change,
    Person,
    ReleaseError,
    announce,
    approve,
    find_copy_faults,
    give_pre_release,
    list_signers,
    publish,
    sign_version,
    verify_all,
    verify_signatures,
)
from register.access_record import Actor, acting_as
from register.approvals import ApprovalError, decide_request, read_approvals
from register.own_keys import (
    find_own_keys_fault,
    make_own_key,
    read_own_keys,
    unlock_own_key,
)
from register.settings import Settings
from register.signatory_keys import SignatoryKeyError
from tests.statistics.signed_versions import (
    AREED,
    BHEAD,
    HEAD_KEY,
    PRODUCER_KEY,
    make_signed_home,
    sign_up_to,
)
from tests.statistics.versions import RELEASE_AT, at

events = import_module("official_statistics.releases.events")
statements = import_module("official_statistics.releases.signed_statements")
seal = import_module("official_statistics.releases.seal")
PASSPHRASE = "three invented words"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two signatories."""
    return make_signed_home(tmp_path / "home")


def _edit(path: Path, old: str, new: str) -> None:
    """Change a file as somebody does who may write everywhere."""
    path.parent.chmod(0o755)
    path.chmod(0o644)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_two_people_sign_is_verified_with_public_keys(settings: Settings) -> None:
    """Prevents signatures that nobody but the register can verify, and names in public files."""
    version = sign_up_to(settings, "published")
    signers = list_signers(settings)
    assert [(each.name, each.role) for each in signers] == [
        ("areed", "producer"),
        ("bhead", "head_of_profession"),
        ("register", "register"),
    ]
    assert (verify_all(settings), verify_signatures(settings, signers)) == ([], [])
    assert find_copy_faults(version.public, signers) == []
    text = (version.public / "signatures.json").read_text(encoding="utf-8")
    assert not any(name in text for name in ("areed", "bhead", "Pat Reed"))
    stated = json.loads(text)["statements"]
    assert [(each["step"], each["role"]) for each in stated] == [
        ("signed", "producer"),
        ("approved", "head_of_profession"),
    ]
    for each in stated:
        assert each["release_at"] == "2026-11-26T09:30:00+00:00"
        assert each["inputs"] == seal.hash_inputs(version)
        assert each["manifest"] == seal.hash_manifest(version)


@pytest.mark.parametrize("state", ["signed", "approved", "published", "withdrawn"])
def test_each_state_is_verified_by_the_people_it_needs(settings: Settings, state: str) -> None:
    """Prevents a list of signers that verifies nothing, or that calls an honest release forged."""
    version = sign_up_to(settings, state)
    signers = list_signers(settings)
    assert verify_signatures(settings, signers) == []
    for missing in ("producer", "head_of_profession"):
        if (state, missing) == ("signed", "head_of_profession"):
            continue
        fewer = [each for each in signers if each.role != missing]
        assert verify_signatures(settings, fewer) != [], missing
        if version.published_at:
            assert find_copy_faults(version.public, fewer) != [], missing


COPY_CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "data": (lambda copy: _edit(copy / "data/table.csv", "1,2", "1,3"), "data/table.csv was cha"),
    "page": (lambda copy: _edit(copy / "index.html", "main", "mean"), "index.html was changed"),
    "added": (lambda copy: (copy / "x.csv").touch(), "x.csv was added"),
    "gone": (lambda copy: (copy / "data/table.csv").unlink(), "data/table.csv is gone"),
    "list": (
        lambda copy: _edit(copy / "pre_release_access.csv", "Minister", "Treasury"),
        "pre_release_access.csv was changed",
    ),
    "time": (lambda copy: _edit(copy / "signatures.json", "T09:30", "T09:29"), "signatures.json"),
    "role": (lambda copy: _edit(copy / "signatures.json", "producer", "producez"), "signatures"),
    "space": (
        lambda copy: _edit(copy / "signatures.json", "{\n", "{ \n"),
        "signatures.json was ch",
    ),
    "signatures": (lambda copy: (copy / "signatures.json").unlink(), "signatures.json is gone"),
}


@pytest.mark.parametrize("change", COPY_CHANGES)
def test_a_changed_copy_is_found_without_the_register(
    settings: Settings, tmp_path: Path, change: str
) -> None:
    """Prevents a copy of a release that was changed on its way from passing for the release."""
    version = sign_up_to(settings, "approved")
    words = Person("areed", "producer", "Briefing")
    give_pre_release(settings, version, ["Minister's office"], words, at(-0.5))
    publish(settings, version, Person("areed", "producer"), at(0))
    copy, signers = tmp_path / "copy", list_signers(settings)
    shutil.copytree(version.public, copy)
    assert find_copy_faults(copy, signers) == []
    copy.chmod(0o755)
    do, fault = COPY_CHANGES[change]
    do(copy)
    faults = find_copy_faults(copy, signers)
    assert any(fault in each for each in faults), faults


def test_every_byte_of_the_signatures_counts(settings: Settings, tmp_path: Path) -> None:
    """Prevents a second text with other bytes that says and proves the same."""
    version = sign_up_to(settings, "published")
    signers, path = list_signers(settings), version.public / "signatures.json"
    content = path.read_bytes()
    version.public.chmod(0o755)
    path.chmod(0o644)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert find_copy_faults(version.public, signers), place


def _seal_anew(settings: Settings, version: releases.Version) -> None:
    """What somebody does who has the register's key: new hashes, seals and register signature."""
    releases.seal_version(version)
    key, lines = events.derive_seal_keys(settings)[0], []
    for event in version.read_events():
        anew = replace(
            event,
            previous=events.hash_line(lines[-1]) if lines else events.NO_PREVIOUS_LINE,
            public_hash=releases.hash_public_files(version),
            manifest=seal.hash_manifest(version),
            inputs=seal.hash_inputs(version),
            seal="",
        )
        lines.append(replace(anew, seal=events._compute_seal(anew, key)).line)
    version.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    published = import_module("official_statistics.releases.published_signatures")
    version.public.chmod(0o755)
    published.write_signatures(settings, version, 0o644)


HOLDER_CHANGES: dict[str, Callable[[releases.Version], None]] = {
    "data": lambda version: _edit(version.data / "table.csv", "1,2", "1,3"),
    "meta": lambda version: _edit(version.data / "table.meta.csv", "a", "b"),
    "page": lambda version: _edit(version.public / "index.html", "<main>", "<main> "),
    "release.yaml": lambda version: _edit(version.description, "one", "two"),
    "events": lambda version: _edit(version.events_file, "Pat Reed", "Pat Reid"),
    "signature": lambda version: _edit(version.events_file, '"signature": "', '"signature": "A'),
    "time": lambda version: _edit(version.events_file, "T09:30:00+00:00", "T09:29:00+00:00"),
}


@pytest.mark.parametrize("change", HOLDER_CHANGES)
def test_a_change_by_somebody_with_the_registers_key_is_found(
    settings: Settings, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an operator from changing what two people signed and sealing it anew."""
    signers = list_signers(settings)
    monkeypatch.setattr(
        "tests.statistics.signed_versions.new_version",
        lambda *arguments: _add_meta(import_module("tests.statistics.versions"), *arguments),
    )
    version = sign_up_to(settings, "published")
    assert verify_signatures(settings, signers) == []
    HOLDER_CHANGES[change](version)
    if change != "signature":
        assert verify_all(settings) != []
    _seal_anew(settings, version)
    assert verify_all(settings) == [], "the keyed chain alone does not find it"
    assert {fault.version for fault in verify_signatures(settings, signers)} == {"2026/v1"}


def _add_meta(versions: object, settings: Settings, number: int) -> releases.Version:
    version: releases.Version = versions.new_version(settings, number)  # type: ignore[attr-defined]
    (version.data / "table.meta.csv").write_text("a,b\n", encoding="utf-8")
    return version


FILE_CLASSES = {
    "data": ("public/data/table.csv", "public/data/table.csv was changed"),
    "page": ("public/index.html", "public/index.html was changed"),
    "inputs": ("release.yaml", "release.yaml was changed"),
    "internal": ("internal/checks.json", "internal/checks.json was changed"),
    "signatures": ("public/signatures.json", "public/signatures.json was changed"),
    "manifest": ("manifest.json", "manifest.json"),
    "events": ("events.jsonl", "events.jsonl"),
    "calendar": ("../../../calendar.csv", "calendar.csv is not what"),
    "calendar events": ("../../../calendar_events.jsonl", "calendar_events.jsonl"),
}


@pytest.mark.parametrize("name", FILE_CLASSES)
def test_one_changed_bit_of_each_class_of_file_is_named(settings: Settings, name: str) -> None:
    """Prevents a class of file that anybody may change unseen, or a fault that names no file."""
    version = sign_up_to(settings, "published")
    path, fault = version.folder / FILE_CLASSES[name][0], FILE_CLASSES[name][1]
    path.parent.chmod(0o755)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    place = content.index(b"2") if name == "manifest" else len(content) // 2
    content[place] ^= 1
    path.write_bytes(content)
    try:
        texts = [each.text for each in verify_all(settings)]
    except ValueError as error:
        texts = [f"{path.name}: {error}"]
    assert any(fault in text or "was" in text for text in texts), texts
    assert texts


def test_a_signatory_with_a_key_signs_with_it(settings: Settings) -> None:
    """Prevents a step under a person's id that the person did not sign."""
    version = sign_up_to(settings, "checked")
    with pytest.raises(ReleaseError, match="areed has a key"):
        sign_version(settings, version, Person("areed", "producer"), at(-8))
    with pytest.raises(ReleaseError, match="of another person"):
        sign_version(settings, version, replace(AREED, key=HEAD_KEY), at(-8))
    stranger = replace(AREED, who="", key=Ed25519PrivateKey.generate())
    with pytest.raises(ReleaseError, match="of no signatory"):
        sign_version(settings, version, stranger, at(-8))
    assert sign_version(settings, version, replace(AREED, who=""), at(-8)).who == "areed"
    with pytest.raises(ReleaseError, match="not a signatory"):
        approve(settings, version, replace(AREED, role="head_of_profession"), at(-7))
    assert approve(settings, version, BHEAD, at(-7)).key_id


def test_in_production_a_key_is_the_signature(settings: Settings) -> None:
    """Prevents a signature with a key that the access record does not have, or of a wrong role."""
    home = replace(settings, environment="production")
    version = sign_up_to(settings, "checked")
    with pytest.raises(ReleaseError, match="a producer has to sign this"):
        sign_version(home, version, replace(BHEAD, role="producer"), at(-8))
    assert sign_version(home, version, AREED, at(-8)).who == "areed"
    assert approve(home, version, BHEAD, at(-7)).who == "bhead"
    decided = [(each.kind, each.decided_by) for each in read_approvals(home) if each.decided_by]
    assert decided == [
        ("sign_release", Actor("areed", "key")),
        ("approve_release", Actor("bhead", "key")),
    ]


def test_an_earlier_time_needs_two_people(settings: Settings) -> None:
    """Prevents one person from ending an embargo that two have approved."""
    version, signers = sign_up_to(settings, "approved"), list_signers(settings)
    earlier = RELEASE_AT - timedelta(days=1)
    with pytest.raises(ReleaseError, match="without a second person: give a reason"):
        announce(settings, 2026, earlier, at(-6))
    with acting_as(Actor("bhead", "password")), pytest.raises(ReleaseError, match="second person"):
        announce(settings, 2026, earlier, at(-6), Change("Ready", "bhead", HEAD_KEY))
    (request,) = read_approvals(settings)
    assert (request.kind, request.reason) == ("bring_forward_release", "Ready")
    for who in ("bhead", "areed"):
        with pytest.raises(ApprovalError, match=r"somebody else|head of profession has to"):
            decide_request(settings, request.request_id, "approved", who=Actor(who, "password"))
    decide_request(settings, request.request_id, "refused", "No", Actor("areed", "password"))
    with acting_as(Actor("areed", "password")), pytest.raises(ReleaseError, match="second person"):
        announce(settings, 2026, earlier, at(-6), Change("Ready"))
    request = read_approvals(settings)[-1]
    decide_request(settings, request.request_id, "approved", who=Actor("bhead", "password"))
    with pytest.raises(ReleaseError, match="bhead has a key"):
        announce(settings, 2026, earlier, at(-6), Change("Ready"))
    announce(settings, 2026, earlier, at(-6), Change("Ready", key=HEAD_KEY))
    assert version.state == "approved"
    assert version.approved_for == earlier.isoformat()
    assert verify_signatures(settings, signers) == []
    publish(settings, version, Person("areed", "producer"), at(-1))
    assert find_copy_faults(version.public, signers) == []
    assert (verify_all(settings), verify_signatures(settings, signers)) == ([], [])


def test_a_calendar_before_the_approved_time_is_found(settings: Settings) -> None:
    """Prevents somebody with the register's key from moving an approved release forward."""
    sign_up_to(settings, "approved")
    signers = list_signers(settings)
    calendar = import_module("official_statistics.releases.release_calendar")
    line = calendar.find_announcement(settings, 2026)
    moved = replace(line, release_at=(RELEASE_AT - timedelta(days=1)).isoformat())
    calendar._write_calendar(settings, moved, events.Event("moved", "x", "", "", "", ""))
    assert verify_all(settings) == []
    assert [fault.text for fault in verify_signatures(settings, signers)] == [
        "the calendar has an earlier time than the one that was approved"
    ]


def test_a_withdrawal_takes_in_no_other_change(settings: Settings) -> None:
    """Prevents a table that was changed after publication from being sealed by a withdrawal."""
    version = sign_up_to(settings, "published")
    _edit(version.data / "table.csv", "1,2", "1,3")
    with pytest.raises(ReleaseError, match="not as it was published"):
        import_module("tests.statistics.signed_versions").withdraw_signed(settings, version)
    assert version.state == "published"


def test_a_passphrase_locks_a_key_of_ones_own(settings: Settings) -> None:
    """Prevents a person from signing for another, and signatures that a new key makes void."""
    home = replace(settings, signatory_keys={})
    areed = Actor("areed", "password")
    for weak in ("short", "areed and a long one"):
        with pytest.raises(SignatoryKeyError, match="12 characters"):
            make_own_key(home, weak, areed)
    first = make_own_key(home, PASSPHRASE, areed)
    with pytest.raises(SignatoryKeyError, match="passphrase is wrong"):
        unlock_own_key(home, "areed", "three other words")
    with pytest.raises(SignatoryKeyError, match="no key yet"):
        unlock_own_key(home, "bhead", PASSPHRASE)
    key = unlock_own_key(home, "areed", PASSPHRASE)
    version = sign_up_to(home, "checked")
    sign_version(home, version, Person("areed", "producer", key=key), at(-8))
    signers = list_signers(home)
    assert signers[0].public_key == first.public_key
    make_own_key(home, "another three words", areed)
    assert [each.public_key == first.public_key for each in list_signers(home)] == [
        *(True, False, False),
    ]
    assert verify_signatures(home, list_signers(home)) == []
    assert [bool(each.locked_key) for each in read_own_keys(home)["areed"]] == [False, True]
    path = home.web_folder / "signatory_keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSPHRASE not in path.read_text(encoding="utf-8")
    _edit(path, "made_at", "mode_at")
    assert find_own_keys_fault(home) == "it was changed after it was written"
    assert [fault.version for fault in verify_all(home)] == ["signers"]


def _use_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give commands this home and its signatories."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    for name, pairs in (
        ("REGISTER_STATISTICS_SIGNATORIES", settings.signatories),
        ("REGISTER_SIGNATORY_KEYS", settings.signatory_keys),
    ):
        monkeypatch.setenv(name, " ".join(f"{each}={value}" for each, value in pairs.items()))


def test_a_signatory_signs_by_command(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a signature with a key that no command can make."""
    version, say, key = sign_up_to(settings, "checked"), CliRunner(), tmp_path / "key.pem"
    _use_home(settings, monkeypatch)
    form, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    lock = serialization.BestAvailableEncryption(b"an invented password")
    key.write_bytes(PRODUCER_KEY.private_bytes(encoding, form, lock))
    words = ["statistics", "sign", "2026", "--key", str(key)]
    wrong = say.invoke(commands, words, input="another\n")
    assert "cannot be read" in wrong.output
    assert version.state == "checked"
    answer = say.invoke(commands, words, input="an invented password\n")
    assert answer.exit_code == 0, answer.output
    assert version.read_events()[-1].who == "areed"
    assert verify_signatures(settings, list_signers(settings)) == []


def test_the_commands_write_and_read_the_list_of_signers(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a list of public keys that the command for it cannot use, on another machine."""
    version, say = sign_up_to(settings, "published"), CliRunner()
    copy, listed = tmp_path / "copy", tmp_path / "signers.json"
    shutil.copytree(version.public, copy)
    _use_home(settings, monkeypatch)
    assert "areed" in say.invoke(commands, ["statistics", "signers"]).output
    listed.write_text(say.invoke(commands, ["statistics", "signers", "--json"]).stdout)
    for name in ([], ["2026/v1"]):
        answer = say.invoke(commands, ["statistics", "verify", *name, "--signers", str(listed)])
        assert (answer.exit_code, "nothing was changed" in answer.stdout) == (0, True)
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "elsewhere"))
    words = ["statistics", "verify", str(copy), "--signers", str(listed)]
    assert say.invoke(commands, words).exit_code == 0
    assert not (tmp_path / "elsewhere").exists()
    copy.chmod(0o755)
    (copy / "more.csv").touch()
    answer = say.invoke(commands, words)
    assert (answer.exit_code, answer.stdout) == (1, "more.csv was added\n")
    listed.write_text("[]")
    assert "has no public keys" in say.invoke(commands, words).output


def test_keys_are_derived_for_their_purpose(settings: Settings) -> None:
    """Prevents the published key of the register from giving away the key of its seals."""
    seals = events.derive_seal_keys(settings)
    keys = [key.private_bytes_raw() for key in statements.derive_register_keys(settings)]
    assert not set(seals) & set(keys)
    assert PRODUCER_KEY.private_bytes_raw() not in keys
