"""Personal keys of signatories: signing in the terminal, without the web application.

A signatory makes an Ed25519 key pair (`openssl genpkey -algorithm ed25519`) and keeps the private
key. The settings have the public keys. So a person who runs the register cannot sign for a
signatory.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


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
    return base64.b64encode(key.sign(_join_act(act))).decode()


def is_signed(public_key: str, act: Sequence[str], signature: str) -> bool:
    """Return whether a signature of an act was made with the private key of a public key."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(public_key))
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(base64.b64decode(signature), _join_act(act))
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _join_act(act: Sequence[str]) -> bytes:
    return "\n".join(("register approval", *act)).encode()
