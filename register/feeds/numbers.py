"""Numbers of persons, references of records: whether each tells one from all others.

Looked at are all files of a table in one delivery. A number that stands for none, that a
spreadsheet shortened, or that clearly different persons share is no number: the field is read as if
it were empty, so that a record that must have one is quarantined. A reference is kept as it is, and
flagged: what its records are about divides them (`register.report_versions`). No value is ever
told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.checks import FieldTexts
from register.feeds.contract import Table
from register.feeds.delivery_rules import Rule
from register.feeds.seeds import Tolerance
from register.report_versions import (
    PersonDetails,
    Record,
    group_repeated_records,
    is_placeholder,
    is_scientific,
)

# A number without any of these digits may stand for none. So may one of nines alone, and one that
# has the form of a shortened number.
DIGITS = "[1-9]"
SUSPECT = "E[+]|[.,][0-9]+E[0-9]|^[^0-8A-Z]{6,}$"
Fields = dict[str, FieldTexts]
# The values of each field, in the order of the records.
Values = Mapping[str, pa.Array]


@dataclass(frozen=True)
class RecordColumns:
    """The columns of a table that tell which record is which, and of whom and when it is."""

    reference: tuple[str, ...]
    told_at: str
    number: str | None = None
    forenames: str | None = None
    surname: str | None = None
    birth: str | None = None
    times: tuple[str, ...] = ()


RECORDS = {
    "reports": RecordColumns(
        ("report_ref",),
        "report_ref",
        "person_ref",
        "forenames",
        "surname",
        "dob",
        ("last_seen_at", "reported_at", "found_at", "returned_at"),
    ),
    "ssd_person": RecordColumns(
        ("pers_person_id",), "pers_person_id", None, "pers_forename", "pers_surname", "pers_dob"
    ),
    "ssd_missing": RecordColumns(
        ("miss_table_id",),
        "miss_table_id",
        "miss_person_id",
        times=("miss_missing_episode_start_date", "miss_missing_episode_end_date"),
    ),
    "return_interviews": RecordColumns(
        ("interview_id",), "interview_id", "miss_table_id", times=("offered_at", "held_at")
    ),
    "header": RecordColumns(("child",), "child", birth="dob"),
    "missing": RecordColumns(
        ("child", "mis_start", "missing"), "mis_start", "child", times=("mis_start", "mis_end")
    ),
}
# A person's number in a table that describes persons, beside its names.
PERSON_NUMBERS = {"reports": "person_ref", "ssd_person": "pers_person_id"}


def check_numbers(table: Table, files: Sequence[Mapping[str, FieldTexts]]) -> list[Fields]:
    """The fields of each file, every number judged: what is none is null, flagged with its rule."""
    judged = [_with_usable_numbers(table, fields) for fields in files]
    name = PERSON_NUMBERS.get(table.name, "")
    if any(name in fields for fields in judged):
        found: list[dict[int, Rule]] = [{} for _ in judged]
        places = _places(judged)
        for position in _conflicting(RECORDS[table.name], name, _together(judged)):
            file, row = places[position]
            found[file][row] = Rule.CONFLICTING_NUMBER
        for fields, rows in zip(judged, found, strict=True):
            if rows:
                fields[name] = _flagged(fields[name], rows, is_kept=False)
    return judged


def _with_usable_numbers(table: Table, fields: Mapping[str, FieldTexts]) -> Fields:
    judged = dict(fields)
    for name, column in table.columns.items():
        if column.number_of and name in judged:
            found = _unusable(judged[name].texts)
            judged[name] = _flagged(judged[name], found, is_kept=column.number_of == "reference")
    return judged


def unusable_columns(
    table: Table, fields: Mapping[str, FieldTexts], tolerance: Tolerance
) -> Iterator[str]:
    """The columns of which so many numbers are none that the delivery waits for a person.

    A placeholder where a number may be missing is as good as an empty field, and does not count.
    """
    for name, column in table.columns.items():
        item = fields.get(name)
        if item is None or not column.number_of:
            continue
        is_needed = column.required
        broken = [
            rule for rule in item.rules.values() if is_needed or rule != Rule.PLACEHOLDER_NUMBER
        ]
        share = len(broken) / max(1, item.filled_count)
        if len(broken) >= tolerance.least_count and share > tolerance.maximum_share:
            yield name


def repeated_records(
    table: Table, files: Sequence[Mapping[str, FieldTexts]]
) -> list[list[tuple[str, int, Rule]]]:
    """By file: column, position and rule of each record whose reference another one has too."""
    found: list[list[tuple[str, int, Rule]]] = [[] for _ in files]
    columns, values = RECORDS.get(table.name), _together(files)
    if columns is None or any(name not in values for name in columns.reference):
        return found
    places = _places(files)
    references = zip(*(values[name].to_pylist() for name in columns.reference), strict=True)
    for positions in _repeated(list(references)):
        records = [_record(columns, values, position) for position in positions]
        # A record without a time is of a person: whoever it names, it comes twice.
        is_one = not columns.times or len(group_repeated_records(records)) == 1
        rule = Rule.REPEATED_RECORD if is_one else Rule.REUSED_REFERENCE
        for position in positions:
            file, row = places[position]
            found[file].append((columns.told_at, row, rule))
    return found


def _together(files: Sequence[Mapping[str, FieldTexts]]) -> dict[str, pa.Array]:
    """The values of all files of a table, one after the other; null in a file without the field."""
    names = dict.fromkeys(name for fields in files for name in fields)
    return {
        name: pa.concat_arrays(
            [
                fields[name].values if name in fields else pa.nulls(_row_count(fields), pa.string())
                for fields in files
            ]
        )
        for name in names
    }


def _places(files: Sequence[Mapping[str, FieldTexts]]) -> list[tuple[int, int]]:
    """File and row of each position in the values of all."""
    return [(file, row) for file, fields in enumerate(files) for row in range(_row_count(fields))]


def _row_count(fields: Mapping[str, FieldTexts]) -> int:
    return len(next(iter(fields.values())).values) if fields else 0


def _unusable(texts: pa.Array) -> dict[int, Rule]:
    """The positions of texts that are no number, each with what it is in place of one."""
    if texts.null_count == len(texts):
        return {}
    has_digit = pc.match_substring_regex(texts, DIGITS)
    is_suspect = pc.match_substring_regex(texts, SUSPECT, ignore_case=True)
    suspects = pc.fill_null(pc.or_(pc.invert(has_digit), is_suspect), False)
    found: dict[int, Rule] = {}
    for position in np.flatnonzero(suspects.to_numpy(zero_copy_only=False)).tolist():
        text = texts[position].as_py()
        if is_scientific(text):
            found[position] = Rule.SCIENTIFIC_NUMBER
        elif is_placeholder(text):
            found[position] = Rule.PLACEHOLDER_NUMBER
    return found


def _flagged(item: FieldTexts, found: Mapping[int, Rule], *, is_kept: bool) -> FieldTexts:
    """The field with the positions broken by their rules, and empty there unless it is kept."""
    if not found:
        return item
    is_broken = item.is_broken.copy()
    is_broken[list(found)] = True
    values = item.values
    if not is_kept:
        is_none = np.zeros(len(values), dtype=np.bool_)
        is_none[list(found)] = True
        values = pc.if_else(pa.array(is_none), pa.scalar(None, pa.string()), values)
    rules = {**item.rules, **found}
    return replace(item, values=values, is_broken=is_broken, rules=rules, is_judged=False)


def _conflicting(columns: RecordColumns, name: str, fields: Values) -> list[int]:
    """The positions of a person's number that records of clearly different persons have.

    Those are persons of another name and date of birth, or of another name in one occurrence.
    """
    needed = (columns.forenames, columns.surname, columns.birth)
    if not any(column in fields for column in needed[:2]) or columns.birth not in fields:
        return []
    found: list[int] = []
    # Without references, of which a missing column is a fault by itself, no two are of one.
    occurrences = fields.get(columns.reference[0]) if name != columns.reference[0] else None
    for positions in _repeated(fields[name].to_pylist()):
        persons: set[PersonDetails] = set()
        together: dict[object, set[PersonDetails]] = {}
        for position in positions:
            person = replace(_record(columns, fields, position).person, number=None)
            # Without both no one is clearly another; few children are left to be compared.
            if person.birth_date and (person.forename or person.surname):
                persons.add(person)
            place = position if occurrences is None else occurrences[position].as_py()
            together.setdefault(place, set()).add(person)
        # In one occurrence another name is enough: twins have one date of birth.
        twins = (combinations(group, 2) for group in together.values())
        if any(one.is_another(other) for one, other in combinations(persons, 2)) or any(
            one.name_agreement(other) < 0 for one, other in chain.from_iterable(twins)
        ):
            found += positions
    return found


def _repeated(keys: list[object]) -> list[list[int]]:
    """The positions of each key that occurs more than once; a key without a value is none."""
    places: dict[object, list[int]] = {}
    for position, key in enumerate(keys):
        if key is not None and key != (None,):
            places.setdefault(key, []).append(position)
    return [positions for positions in places.values() if len(positions) > 1]


def _record(columns: RecordColumns, fields: Values, position: int) -> Record:
    def text(name: str | None) -> str | None:
        if name is None or name not in fields:
            return None
        return fields[name][position].as_py() or None

    person = PersonDetails.from_texts(
        text(columns.number), text(columns.forenames), text(columns.surname), text(columns.birth)
    )
    times = (text(name) for name in columns.times)
    return Record(
        {"reference": "", "_delivery_id": ""},
        person,
        tuple(datetime.fromisoformat(time) if time else None for time in times),
    )
