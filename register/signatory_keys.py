"""Personal keys of signatories (Ed25519): reading them, signing with them, and verifying.

A signatory may make a key pair (`openssl genpkey -algorithm ed25519`) and keep the private key.
Then the settings have the public key, and the signatory signs in the terminal. So a person who runs
the register cannot sign for a signatory. `register.own_keys` has the keys of the web application.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FINGERPRINT_DIGITS = 32


class SignatoryKeyError(ValueError):
    """A personal key cannot be read, or belongs to no signatory; the message never quotes it."""


def load_private_key(path: Path, password: str) -> Ed25519PrivateKey:
    """Read a private key in the form of PKCS 8; `password` is empty if the key has none."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatoryKeyError(
            "the personal key cannot be read: give an Ed25519 key and its password"
        )
    return key


def compute_key_fingerprint(public_key: str) -> str:
    """Return a short name of a public key, which does not say whose it is."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def find_key_holder(public_keys: Mapping[str, str], key: Ed25519PrivateKey) -> str:
    """Return the id of the signatory to whom a key belongs, by the public keys of the settings."""
    public_key = format_public_key(key.public_key())
    for name, known_key in public_keys.items():
        if known_key == public_key:
            return name
    raise SignatoryKeyError("the personal key belongs to no signatory of REGISTER_SIGNATORY_KEYS")


def format_public_key(key: Ed25519PublicKey) -> str:
    """Return a public key as the settings have it: the middle line of the file of OpenSSL."""
    content = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(content).decode()


def sign_act(key: Ed25519PrivateKey, act: Sequence[str]) -> str:
    """Return the signature of an act: of its request, kind and subject."""
    return sign_content(key, _join_act(act))


def is_signed(public_key: str, act: Sequence[str], signature: str) -> bool:
    """Return whether a signature of an act was made with the private key of a public key."""
    return is_content_signed(public_key, _join_act(act), signature)


def sign_content(key: Ed25519PrivateKey, content: bytes) -> str:
    """Return the signature of bytes, in base64."""
    return base64.b64encode(key.sign(content)).decode()


def is_content_signed(public_key: str, content: bytes, signature: str) -> bool:
    """Return whether a signature of bytes was made with the private key of a public key."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(public_key))
        if not isinstance(key, Ed25519PublicKey):
            return False
        content_signature = base64.b64decode(signature)
        # Base64 has several texts for the same bytes; only the usual one is accepted.
        if base64.b64encode(content_signature).decode() != signature:
            return False
        key.verify(content_signature, content)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _join_act(act: Sequence[str]) -> bytes:
    return "\n".join(("register approval", *act)).encode()
