"""Verification of the access record: what was removed, cut, altered, rewritten or reordered.

The chain of hashes and the seals show changes inside the record. The anchor in the home and the
heads that were delivered outside the home show what is missing from the end. The states in the
entries show decisions, ledger entries and releases that changed without an entry.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from register.access_record.record_anchor import ANCHOR, AnchorError, read_anchor
from register.access_record.record_entries import (
    HASH,
    SEAL,
    START,
    hash_line,
    is_sealed,
    list_known_keys,
)
from register.access_record.record_file import ABSENCE, RECORD, list_record_files
from register.access_record.recorded_states import find_state_faults, list_stated_files
from register.generation_ids import list_published_ids
from register.settings import Settings

Head = tuple[int, str]


@dataclass(frozen=True)
class Verification:
    """The result of verifying the record: number of entries, last hash, and all faults."""

    entry_count: int
    head: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    """A line of the record, where it stands, and what is wrong with the line by itself."""

    place: str
    entry: Mapping[str, Any]
    fault: str | None

    @property
    def number(self) -> int | None:
        number = self.entry.get("number")
        return number if isinstance(number, int) else None


def verify_record(settings: Settings, heads: Iterable[Head] = ()) -> Verification:
    """Verify the record, and compare it with the files of the home that its entries are about.

    `heads` are numbers and hashes of entries that were noted outside the home. The record must
    still contain them.
    """
    lines = list(_read_lines(settings))
    entries = {line.number: line for line in lines if line.number is not None}
    last = max(entries, default=0)
    faults = [
        *(f"{line.place} {line.fault}" for line in lines if line.fault),
        *_find_order_faults(lines, last),
        *_find_link_faults(entries),
        *_find_key_faults(settings, lines),
        *_find_anchor_faults(settings, entries, last),
        *_find_head_faults(entries, last, heads),
    ]
    if not (settings.access_record / RECORD).exists():
        faults += _find_absence_faults(settings, last)
    else:
        sound = [line.entry for line in lines if line.fault is None]
        faults += find_state_faults(settings, sound)
    head = str(entries[last].entry.get(HASH)) if entries else START
    return Verification(len(lines), head, tuple(faults))


def _read_lines(settings: Settings) -> Iterator[_Line]:
    known_keys = list_known_keys(settings)
    for path in list_record_files(settings):
        *complete, rest = path.read_bytes().split(b"\n")
        for place, text in enumerate(complete, start=1):
            where = f"line {place} of {path.name}"
            try:
                entry = json.loads(text)
                number = int(entry["number"])
                claimed = entry[HASH]
            except (ValueError, KeyError, TypeError):
                yield _Line(where, {}, "is not an entry")
                continue
            fault = None
            is_right = is_sealed(known_keys, entry) if SEAL in entry else path.name != RECORD
            if claimed != hash_line(entry):
                fault = "was altered"
            elif is_right is False:
                fault = "was rewritten by somebody who does not have the key"
            yield _Line(f"entry {number}", entry, fault)
        if rest:
            yield _Line(f"the last line of {path.name}", {}, "was cut short")


def _find_order_faults(lines: list[_Line], last: int) -> Iterator[str]:
    numbers = [line.number for line in lines if line.number is not None]
    for number, times in Counter(numbers).items():
        if times > 1:
            yield f"entry {number} is there {times} times"
    missing = set(range(1, last + 1)) - set(numbers)
    for first, end in _group_numbers(missing):
        yield f"{_name_entries(first, end)} removed"
    highest = 0
    for number in numbers:
        if number < highest:
            yield f"entry {number} stands after entry {highest}: the order was changed"
        highest = max(highest, number)


def _find_link_faults(entries: Mapping[int, _Line]) -> Iterator[str]:
    """Yield the entries that do not follow the one before, if both are as somebody wrote them."""
    for number, line in entries.items():
        before = entries.get(number - 1)
        previous = START if number == 1 else before.entry[HASH] if before else None
        faults = (line.fault, before.fault if before else None)
        if previous is not None and line.entry.get("previous") != previous and not any(faults):
            yield f"entry {number} does not follow entry {number - 1}: one of them was replaced"


def _find_key_faults(settings: Settings, lines: list[_Line]) -> Iterator[str]:
    """Yield a fault if no entry under a known key vouches for the last entries.

    A later seal covers all entries before it, because it covers the chain of hashes.
    """
    known_keys, unproved = list_known_keys(settings), []
    for line in lines:
        if "key_id" in line.entry:
            unproved.append(line.number)
            if line.entry["key_id"] in known_keys:
                unproved = []
    if unproved:
        yield (
            f"the seals of entries {unproved[0]} to {unproved[-1]} cannot be checked: set"
            " REGISTER_PSEUDONYM_KEY_BEFORE to the former pseudonym key"
        )


def _find_anchor_faults(
    settings: Settings, entries: Mapping[int, _Line], last: int
) -> Iterator[str]:
    try:
        known = read_anchor(settings)
    except AnchorError as error:
        yield str(error)
        return
    number = int(known["number"])
    if last and not (settings.decisions / ANCHOR).exists():
        yield f"decisions/{ANCHOR} is missing: the next entry writes it anew"
    if number > last:
        yield f"{_name_entries(last + 1, number)} missing from the end"
    elif number and number in entries and entries[number].entry.get(HASH) != known[HASH]:
        yield f"entry {number} is not the one that decisions/{ANCHOR} names: it was replaced"
    elif number < last - 1:
        yield f"decisions/{ANCHOR} ends with entry {number}: it was set back to an older copy"


def _find_head_faults(
    entries: Mapping[int, _Line], last: int, heads: Iterable[Head]
) -> Iterator[str]:
    known = dict(heads)
    highest = max(known, default=0)
    if highest > last:
        yield f"{_name_entries(last + 1, highest)} missing: the record outside the home has them"
    replaced = [
        number
        for number, noted in known.items()
        if number in entries and entries[number].entry.get(HASH) != noted
    ]
    if replaced:
        yield (
            f"entry {min(replaced)} is not the one that was noted outside the home: the record was"
            " replaced"
        )


def _find_absence_faults(settings: Settings, last: int) -> Iterator[str]:
    if last:
        yield "the access record has not begun: the next load begins it after the earlier log"
    elif list_published_ids(settings.published) or any(list_stated_files(settings)):
        yield ABSENCE


def _group_numbers(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges of successive numbers, each with its first and last."""
    groups: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if groups and number == groups[-1][1] + 1:
            groups[-1] = (groups[-1][0], number)
        else:
            groups.append((number, number))
    return groups


def _name_entries(first: int, last: int) -> str:
    return f"entry {first} was" if first == last else f"entries {first} to {last} were"
