"""The signatures in a public folder, with which anybody can verify a copy of the folder.

`signatures.json` has the hash of every other file, the statements that people signed, and the
signature of the register. It names nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter, ValidationError

from official_statistics.releases.events import Event
from official_statistics.releases.seal import (
    MANIFEST,
    SIGNATURES,
    SIGNATURES_PATH,
    hash_signed_files,
    read_manifest,
    write_manifest,
)
from official_statistics.releases.signatories import HEAD_OF_PROFESSION, PRODUCER
from official_statistics.releases.signed_statements import (
    REGISTER,
    Signer,
    Statement,
    build_statement,
    derive_register_keys,
    encode_canonical,
    find_signer,
)
from official_statistics.releases.versions import Version
from register.durable import write_whole
from register.settings import Settings
from register.signatory_keys import (
    compute_key_fingerprint,
    format_public_key,
    is_content_signed,
    sign_content,
)

PUBLISHED, APPROVED, SIGNED, WITHDRAWN = "published", "approved", "signed", "withdrawn"


@dataclass(frozen=True)
class PublishedSignatures:
    """The content of `signatures.json`: the state, its time, the announced time and the hashes.

    `statements` are those of the people, in order. `key_id` names the key of the register.
    """

    version: str
    state: str
    at: str
    release_at: str
    files: dict[str, str]
    statements: tuple[Statement, ...]
    key_id: str
    signature: str = ""

    @property
    def content(self) -> bytes:
        """The bytes that the register signs."""
        return encode_canonical({**asdict(self), "signature": ""})


def hash_folder(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a public folder but that of the signatures."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / SIGNATURES
    }


def write_signatures(settings: Settings, version: Version, mode: int) -> None:
    """Write the signatures of a published or withdrawn version, and add them to its manifest."""
    content = build_signatures(version, derive_register_keys(settings)[0])
    hashes = {**read_manifest(version), SIGNATURES_PATH: hashlib.sha256(content).hexdigest()}
    # The file comes last: without it, `lacks_signatures` sees that there is something left to do.
    write_manifest(version.folder / MANIFEST, hashes)
    write_whole(version.public / SIGNATURES, content, mode)


def are_signatures_written(settings: Settings, version: Version) -> bool:
    """Return whether the signatures of a version are those of its events and files.

    Versions that an earlier release of the register published have none.
    """
    path = version.public / SIGNATURES
    if not path.exists():
        return not _find_last_step(version).inputs
    content = path.read_bytes()
    keys = derive_register_keys(settings)
    return any(content == build_signatures(version, key) for key in keys)


def lacks_signatures(version: Version) -> bool:
    """Return whether a publication or withdrawal was killed before the signatures were written."""
    step, path = _find_last_step(version), version.public / SIGNATURES
    if not step.inputs or not path.exists():
        return bool(step.inputs)
    try:
        return str(json.loads(path.read_bytes())["state"]) != step.state
    except (ValueError, KeyError, TypeError):
        # Somebody changed the file: `verify` says so, and nothing writes it again.
        return False


def build_signatures(version: Version, key: Ed25519PrivateKey) -> bytes:
    """Return the content of the signatures of a published or withdrawn version."""
    step = _find_last_step(version)
    unsigned = PublishedSignatures(
        version=version.name,
        state=step.state,
        at=step.at,
        release_at=step.release_at,
        files=hash_folder(version.public),
        statements=tuple(list_statements(version)),
        key_id=compute_key_fingerprint(format_public_key(key.public_key())),
    )
    signature = sign_content(key, unsigned.content)
    return encode_canonical({**asdict(unsigned), "signature": signature})


def _find_last_step(version: Version) -> Event:
    """Return the event by which readers last got other files: publication or withdrawal."""
    steps = {event.state: event for event in reversed(version.read_events())}
    return steps.get(WITHDRAWN) or steps[PUBLISHED]


def list_statements(version: Version) -> list[Statement]:
    """Return the statements that people signed about the last draft of a version, in order."""
    events = version.read_events()
    drafts = [number for number, event in enumerate(events) if event.state == "draft"]
    last_draft = events[max(drafts, default=0) :]
    return [build_statement(version.name, event) for event in last_draft if event.signature]


def find_copy_faults(folder: Path, signers: Sequence[Signer]) -> list[str]:
    """Return the faults of a copy of a public folder, by public keys alone; empty if it is right.

    Every file must be as the register signed it. A producer and a head of profession, two people,
    must have signed these files for a time that was not before the announced one.
    """
    path = folder / SIGNATURES
    if not path.is_file():
        return [f"{SIGNATURES} is gone: nothing shows who signed these files"]
    try:
        content = path.read_bytes()
        signatures = TypeAdapter(PublishedSignatures).validate_json(content)
    except (ValidationError, OSError):
        return [f"{SIGNATURES} was changed: it cannot be read"]
    if content != encode_canonical(json.loads(encode_canonical(asdict(signatures)))):
        return [f"{SIGNATURES} was changed: it has not the form in which it was written"]
    registers = [signer for signer in signers if signer.role == REGISTER]
    keys = [signer.public_key for signer in registers if signer.key_id == signatures.key_id]
    if not any(is_content_signed(key, signatures.content, signatures.signature) for key in keys):
        return [f"{SIGNATURES} was not signed with this register's key"]
    return [*_compare_files(signatures.files, hash_folder(folder)), *_judge(signatures, signers)]


def _compare_files(signed: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted({*signed, *now}):
        if name not in now:
            yield f"{name} is gone"
        elif name not in signed:
            yield f"{name} was added"
        elif signed[name] != now[name]:
            yield f"{name} was changed"


def _judge(signatures: PublishedSignatures, signers: Sequence[Signer]) -> Iterator[str]:
    """Yield what is missing from or wrong with the statements of people."""
    files = {f"public/{name}": file_hash for name, file_hash in signatures.files.items()}
    yield from judge_statements(
        signatures.statements, signers, hash_signed_files(files), signatures.state
    )
    if any(each.version != signatures.version for each in signatures.statements):
        yield "a signature is about another version"
    approved_for = find_approved_time(signatures.statements)
    if approved_for is None:
        return
    if datetime.fromisoformat(signatures.release_at) < approved_for:
        yield "the announced time is before the one that was approved"
    if datetime.fromisoformat(signatures.at) < approved_for:
        yield "it was published before the time that was approved"


def find_approved_time(statements: Sequence[Statement]) -> datetime | None:
    """Return the announced time that the head of profession approved last."""
    times = [each.release_at for each in statements if each.step != SIGNED and each.release_at]
    return datetime.fromisoformat(times[-1]) if times else None


def judge_statements(
    statements: Sequence[Statement],
    signers: Sequence[Signer],
    public_hash: str,
    state: str,
) -> Iterator[str]:
    """Yield which signature is wrong, or missing for public files with this hash in this state.

    A withdrawal changes the page, so then the statement about the withdrawal counts.
    """
    right = []
    for statement in statements:
        signer = find_signer(statement, signers)
        if signer is None:
            yield f"the step {statement.step} is signed by nobody in the list of signers"
        else:
            right.append((statement, signer))
    people = []
    for step, role in _list_signed_steps(state).items():
        names = [
            signer.name
            for statement, signer in right
            if (statement.step, signer.role) == (step, role)
            if statement.public_hash == public_hash or (state == WITHDRAWN != step)
        ]
        people += names[-1:]
        if not names:
            yield f"no {role.replace('_', ' ')} in the list of signers has signed: {step}"
    if len(people) > 1 and len(set(people)) == 1:
        yield "one person signed every step"


def _list_signed_steps(state: str) -> dict[str, str]:
    """Return the steps that people must have signed before a state, with the signers' roles."""
    if state == SIGNED:
        return {SIGNED: PRODUCER}
    steps = {SIGNED: PRODUCER, APPROVED: HEAD_OF_PROFESSION}
    return {**steps, WITHDRAWN: HEAD_OF_PROFESSION} if state == WITHDRAWN else steps
