"""Rekeying: decisions get new record keys when the pseudonym key changes.

Decisions refer to records by pseudonyms of suppliers' identifiers. The identifiers come from the
warehouse. They are pseudonymised with both the former and the new pseudonym key. This module stores
no identifier.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, replace

import pyarrow as pa

from register.access_record import Entry, record_access
from register.decision_columns import DECISION_FILES
from register.decision_files import (
    KEYED_FILES,
    hold_decisions,
    read_decision_rows,
    read_key_id,
    record_key_id,
    replace_decision_file,
)
from register.decision_history import read_decision_file, read_published_key_id
from register.identity.keys import pseudonymise_keys
from register.private_files import write_private
from register.review.pairs import ReviewError
from register.settings import Settings
from register.spreadsheet import safe_cell

LEFT, RIGHT, PAIR = "left_mention_key", "right_mention_key", "review_pair_id"
PAIR_DIGITS = 16


@dataclass(frozen=True)
class RekeyedRows:
    """The number of rows with new keys, and of rows about records that are not known.

    Rows about unknown records keep their keys. They match no record until the former key is used
    again.
    """

    row_count: int
    unknown_row_count: int


def check_rekeying(settings: Settings) -> None:
    """Raise `ReviewError` if the home needs no new keys, or if the former key is not known."""
    known = {read_key_id(settings), read_published_key_id(settings)} - {None, settings.key_id}
    if not known:
        raise ReviewError("this home is under the pseudonym key of the settings already")
    former = replace(settings, pseudonym_key=settings.former_pseudonym_key)
    if former.key_id not in known:
        raise ReviewError(
            "REGISTER_PSEUDONYM_KEY_BEFORE is not the key of this home"
            f" (its id is {', '.join(sorted(map(str, known)))}): nothing is changed"
        )


def rekey_decisions(settings: Settings, record_ids: pa.Table) -> RekeyedRows:
    """Replace the keys in all decisions, judgements and sampled pairs by those of the new key.

    The new key is the pseudonym key in the settings. `record_ids` has `kind`, `issuer` and
    `source_id` of all known records. Copies of the former files stay beside the new ones. If a run
    was killed, it can be repeated.
    """
    with hold_decisions(settings):
        check_rekeying(settings)
        before = pseudonymise_keys(settings.former_pseudonym_key, record_ids)["source_key"]
        after = pseudonymise_keys(settings.pseudonym_key, record_ids)["source_key"]
        keys = dict(zip(before.to_pylist(), after.to_pylist(), strict=True))
        new_keys = frozenset(keys.values())
        counts = [_rekey_file(settings, name, keys, new_keys) for name in KEYED_FILES]
        record_access(settings, Entry("decision", "pseudonym_key", keys=(settings.key_id,)))
        record_key_id(settings)
    return RekeyedRows(sum(rows for rows, _ in counts), sum(unknown for _, unknown in counts))


def _rekey_file(
    settings: Settings, name: str, keys: dict[str, str], new_keys: frozenset[str]
) -> tuple[int, int]:
    path, columns = settings.decisions / name, DECISION_FILES[name]
    rows = read_decision_rows(settings, name)
    known = [row for row in rows if {row[LEFT], row[RIGHT]} <= keys.keys() | new_keys]
    for row in known:
        row[LEFT], row[RIGHT] = sorted(keys.get(row[side], row[side]) for side in (LEFT, RIGHT))
        if PAIR in row:
            row[PAIR] = _pair_id(row[LEFT], row[RIGHT])
    former = path.with_name(f"{path.name}.under-former-key")
    if not former.exists():
        write_private(settings.data_keys, former, read_decision_file(settings, name), 0o400)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: safe_cell(text) for name, text in row.items()} for row in rows)
    content = text.getvalue().encode()
    replace_decision_file(settings, name, content, by="register", reason="keys were made anew")
    return len(known), len(rows) - len(known)


def _pair_id(left: str, right: str) -> str:
    """Return a pair's id, computed as in the macro `review_pair_id`. It is no secret."""
    digest = hashlib.md5(f"{left}|{right}".encode(), usedforsecurity=False).hexdigest()
    return f"P{digest[:PAIR_DIGITS].upper()}"
