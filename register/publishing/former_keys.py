"""Published keys under former pseudonym keys, each with the same key under the present one.

A change of the pseudonym key writes the file, and the next load translates the key log with it and
publishes the crosswalk `bridge_former_keys`. Rewriting decisions belongs in `register.review`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from register.durable import write_whole
from register.identity.keys import pseudonymise_keys
from register.publishing.key_log import LOG_FOLDER
from register.settings import Settings

# Without the ending of a file of the key log.
FORMER_KEYS_FILE = "former_keys"
DIGITS = 24
SCHEMA = pa.schema(
    [("record_kind", pa.string()), ("former_digits", pa.string()), ("digits", pa.string())]
)


def get_former_keys_file(published: Path) -> Path:
    """Return the path of the file, which exists once the pseudonym key has changed."""
    return published / LOG_FOLDER / FORMER_KEYS_FILE


def read_former_keys(published: Path) -> pa.Table:
    """Return the kind of each record, with the digits of its former and of its present key."""
    path = get_former_keys_file(published)
    if not path.exists():
        return SCHEMA.empty_table()
    with path.open("rb") as file:
        return pq.read_table(file, page_checksum_verification=True)


def add_former_keys(settings: Settings, source_ids: pa.Table) -> None:
    """Add the keys of these identifiers under the former pseudonym key of the settings.

    `source_ids` has `kind`, `issuer` and `source_id`. Keys from earlier changes are led to the
    present keys. If a run was killed, it can be repeated.
    """
    before = _make_digits(settings.former_pseudonym_key, source_ids)
    after = _make_digits(settings.pseudonym_key, source_ids)
    present = dict(zip(before, after, strict=True))
    rows = {
        former: (kind, present.get(digits, digits))
        for kind, former, digits in _list_rows(read_former_keys(settings.published))
    }
    kinds = source_ids["kind"].to_pylist()
    rows |= dict(zip(before, zip(kinds, after, strict=True), strict=True))
    columns = [[kind for kind, _ in rows.values()], [*rows], [key for _, key in rows.values()]]
    table = pa.table([pa.array(each, pa.string()) for each in columns], SCHEMA)
    _write_former_keys(settings.published, table.sort_by("former_digits"))


def list_former_keys(published: Path, pseudonyms: Iterable[str]) -> list[str]:
    """Return these keys of mentions and children, and what they were under former secrets."""
    former_by_digits: dict[str, list[str]] = {}
    for _, former, digits in _list_rows(read_former_keys(published)):
        former_by_digits.setdefault(digits, []).append(former)
    listed = list(pseudonyms)
    return listed + [
        key[0] + former for key in listed for former in former_by_digits.get(key[1:], ())
    ]


def erase_former_keys(published: Path, pseudonyms: Iterable[str]) -> int:
    """Remove the persons with these keys of mentions or children, and return how many rows.

    The keys of reports and other records are removed as well, for everybody: nothing says which of
    them were about an erased person.
    """
    rows = read_former_keys(published)
    digits = pa.array([key[1:] for key in pseudonyms], pa.string())
    is_erased = pc.is_in(rows["digits"], value_set=digits)
    if not pc.any(is_erased).as_py():
        return 0
    is_person = pc.equal(rows["record_kind"], "person")
    remaining = rows.filter(pc.and_(is_person, pc.invert(is_erased)))
    _write_former_keys(published, remaining)
    return int(rows.num_rows - remaining.num_rows)


def _make_digits(secret: str, source_ids: pa.Table) -> list[str]:
    keys = pseudonymise_keys(secret, source_ids)["source_key"]
    digits = pc.utf8_upper(pc.utf8_slice_codeunits(keys, 0, DIGITS)).to_pylist()
    return [str(each) for each in digits]


def _list_rows(rows: pa.Table) -> list[tuple[str, str, str]]:
    return list(zip(*(rows[name].to_pylist() for name in SCHEMA.names), strict=True))


def _write_former_keys(published: Path, rows: pa.Table) -> None:
    path = get_former_keys_file(published)
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = io.BytesIO()
    pq.write_table(rows, stream, compression="zstd", write_page_checksum=True)
    write_whole(path, stream.getvalue(), 0o600)
