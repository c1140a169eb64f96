"""Erased persons: the tombstones by which landing drops records of people who were erased.

A tombstone is a row of `decisions/erasures.csv`. It has a code of a source's person, made with the
pseudonym key, and no name or reference. What an erasure removes belongs in `register.erasure`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from register.decision_files import read_decision_rows
from register.settings import Settings

ERASURES = "erasures.csv"
CODE_LENGTH = 32
# The text that stands in a raw copy in place of an erased record.
MARKER = "[erased]"
# A police report without a person's reference is a person of its own (`police_person_id` in dbt).
REPORT_PREFIX = "report:"


class ErasureKeyError(RuntimeError):
    """Tombstones were made under a pseudonym key that the settings do not have."""


@dataclass(frozen=True)
class ErasedPersons:
    """The codes of erased persons by supplier, and the keys under which they were made."""

    codes_by_supplier: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_persons(cls, secret: str, persons: Iterable[tuple[str, str]]) -> Self:
        """Return the tombstones of these persons, each a supplier's code and a reference."""
        codes: dict[str, frozenset[str]] = {}
        for supplier_code, person in persons:
            code = compute_person_code(secret, supplier_code, person)
            codes[supplier_code] = codes.get(supplier_code, frozenset()) | {code}
        return cls(codes, (secret,))

    def concerns(self, supplier_code: str) -> bool:
        """Return whether any person of this supplier was erased."""
        return supplier_code in self.codes_by_supplier

    def contains(self, supplier_code: str, person: str | None) -> bool:
        """Return whether this person of a supplier was erased."""
        codes = self.codes_by_supplier.get(supplier_code)
        if not codes or not person:
            return False
        return any(
            compute_person_code(secret, supplier_code, person) in codes for secret in self.secrets
        )


def compute_person_code(secret: str, supplier_code: str, person: str) -> str:
    """Return the code of a supplier's person: 32 hexadecimal digits of HMAC-SHA-256."""
    message = f"erased person|{supplier_code}|{person.strip().casefold()}"
    return hmac.digest(secret.encode(), message.encode(), "sha256").hex()[:CODE_LENGTH]


def read_erased_persons(settings: Settings) -> ErasedPersons:
    """Return the tombstones of a home.

    Raises `ErasureKeyError` if some were made under a key that the settings do not have: landing
    would bring erased people back.
    """
    rows = read_decision_rows(settings, ERASURES)
    if not rows:
        return ErasedPersons()
    secrets = {settings.key_id: settings.pseudonym_key}
    if settings.former_pseudonym_key:
        former = replace(settings, pseudonym_key=settings.former_pseudonym_key)
        secrets[former.key_id] = former.pseudonym_key
    missing = sorted({row["key_id"] for row in rows} - secrets.keys())
    if missing:
        raise ErasureKeyError(
            f"erasures were made under another pseudonym key ({', '.join(missing)}): keep it in"
            " REGISTER_PSEUDONYM_KEY_BEFORE, or a later delivery would bring erased people back"
        )
    codes: dict[str, frozenset[str]] = {}
    for row in rows:
        codes[row["supplier_code"]] = codes.get(row["supplier_code"], frozenset()) | {
            row["person_code"]
        }
    used = {row["key_id"] for row in rows}
    return ErasedPersons(codes, tuple(secrets[key_id] for key_id in sorted(used)))
