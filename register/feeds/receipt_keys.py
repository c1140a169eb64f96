"""The Ed25519 keys of receipts: the key that signs them, and the public keys that verify them.

A production home takes its key from the settings. Any other home makes one, in a private file. A
key's id is its thumbprint (RFC 7638), so former keys need no list of names.
"""

from __future__ import annotations

import warnings
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from register.access import PRIVATE_FOLDER
from register.private_files import PrivateFileError, read_private, write_private
from register.settings import Settings

KEY_FILE = "receipt_key"
CURVE = "Ed25519"
ALGORITHM = "EdDSA"


class ReceiptKeyError(RuntimeError):
    """A key of receipts is missing or cannot be read; the message never quotes it."""


class SignatureError(ValueError):
    """A receipt was not signed with any of the given keys, or was changed since."""


def load_receipt_keys(settings: Settings) -> list[OKPKey]:
    """Return the key that signs receipts, then former keys, which may be public keys.

    Outside production, a home without a key makes one. Raises `ReceiptKeyError` if there is no key,
    or one cannot be read.
    """
    texts = settings.receipt_key.replace(",", " ").split()
    if not texts:
        texts = [_load_own_key(settings)]
    keys = [_read_key(text) for text in texts]
    if not keys[0].is_private:
        raise ReceiptKeyError("the first key of REGISTER_RECEIPT_KEY must be a private key")
    return keys


def list_public_keys(settings: Settings) -> dict[str, Any]:
    """Return the public keys that verify this home's receipts, as a JSON Web Key Set."""
    return {"keys": [_describe_public_key(key) for key in load_receipt_keys(settings)]}


def sign_detached(key: OKPKey, content: bytes) -> bytes:
    """Return the signature of a file as a detached JWS (RFC 7515, appendix F)."""
    header = {"alg": ALGORITHM, "kid": key.thumbprint()}
    with _allow_algorithm():
        compact = jws.serialize_compact(header, content, key, algorithms=[ALGORITHM])
    return jws.detach_content(compact).encode()


def verify_detached(public_keys: dict[str, Any], content: bytes, signature: bytes) -> None:
    """Raise `SignatureError` unless a file was signed with one of these keys."""
    try:
        keys = KeySet.import_key_set({"keys": public_keys["keys"]})
        text = signature.decode("ascii").strip()
        with _allow_algorithm():
            jws.deserialize_compact(text, keys, algorithms=[ALGORITHM], payload=content)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignatureError("the file is not what was signed with any of these keys") from error


def _allow_algorithm() -> warnings.catch_warnings[None]:
    """Silence the warning that RFC 9864 renames `EdDSA`: few libraries know the new name yet."""
    return warnings.catch_warnings(action="ignore", category=SecurityWarning)


def _load_own_key(settings: Settings) -> str:
    if settings.environment == "production":
        raise ReceiptKeyError("there are no receipts: set REGISTER_RECEIPT_KEY")
    path = settings.web_folder / KEY_FILE
    try:
        return read_private(settings.data_keys, path).decode().strip()
    except FileNotFoundError:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except PrivateFileError as error:
        raise ReceiptKeyError(str(error)) from None
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    text = key.decode().splitlines()[1]
    write_private(settings.data_keys, path, f"{text}\n".encode())
    return text


def _read_key(text: str) -> OKPKey:
    """Read the middle line of a key file of OpenSSL: a private key, or a public one."""
    for kind in ("PRIVATE", "PUBLIC"):
        pem = f"-----BEGIN {kind} KEY-----\n{text}\n-----END {kind} KEY-----\n"
        try:
            key = OKPKey.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if key.curve_name == CURVE:
            return key
    raise ReceiptKeyError(
        "a key of REGISTER_RECEIPT_KEY cannot be read: give the middle line of the file that"
        " `openssl genpkey -algorithm ed25519` writes"
    )


def _describe_public_key(key: OKPKey) -> dict[str, Any]:
    public = key.as_dict(private=False)
    return {
        **{name: public[name] for name in ("kty", "crv", "x")},
        "kid": key.thumbprint(),
        "alg": ALGORITHM,
        "use": "sig",
    }
