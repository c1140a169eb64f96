"""Checks of persons' numbers and records' references, over all files of a table.

A number is unusable if it is a placeholder, if a spreadsheet shortened it, or if clearly different
persons share it. The field is then read as empty, so a record that requires it is quarantined. An
unusable or repeated reference stays and is flagged; `register.report_versions` divides the records
with one reference into reports by their content. No finding quotes a value.
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

# Only texts in scientific notation, and texts without a digit from 1 to 8, can be unusable as a
# number.
SUSPECT = "[Ee][+]|[.,][0-9]+[Ee][0-9]|^[^1-8]*$"
Fields = dict[str, FieldTexts]
# For each field, its values in the order of the records.
Values = Mapping[str, pa.Array]


@dataclass(frozen=True)
class RecordColumns:
    """The columns of a table that contain a record's reference, person and times.

    `reported_in` is the column that a finding about a reference names.
    """

    reference: tuple[str, ...]
    reported_in: str
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
# For each table with persons' names, the column with the person's number.
PERSON_NUMBERS = {"reports": "person_ref", "ssd_person": "pers_person_id"}


def check_numbers(table: Table, files: Sequence[Mapping[str, FieldTexts]]) -> list[Fields]:
    """Return the fields of each file, in which unusable numbers are flagged with their rules.

    Unusable numbers of persons become null; unusable references of records stay.
    """
    checked = [_flag_unusable_numbers(table, fields) for fields in files]
    name = PERSON_NUMBERS.get(table.name, "")
    if any(name in fields for fields in checked):
        rules_by_file: list[dict[int, Rule]] = [{} for _ in checked]
        places = _list_places(checked)
        for position in _find_conflicting(RECORDS[table.name], name, _concatenate(checked)):
            file, row = places[position]
            rules_by_file[file][row] = Rule.CONFLICTING_NUMBER
        for fields, rows in zip(checked, rules_by_file, strict=True):
            if rows:
                fields[name] = _flag_positions(fields[name], rows, is_emptied=True)
    return checked


def _flag_unusable_numbers(table: Table, fields: Mapping[str, FieldTexts]) -> Fields:
    checked = dict(fields)
    for name, column in table.columns.items():
        if column.custom.number_of and name in checked:
            rules = _find_unusable(checked[name].texts)
            is_person = column.custom.number_of == "person"
            checked[name] = _flag_positions(checked[name], rules, is_emptied=is_person)
    return checked


def find_unusable_columns(
    table: Table, fields: Mapping[str, FieldTexts], tolerance: Tolerance
) -> Iterator[str]:
    """Yield each column with so many unusable numbers that the delivery is held.

    In a field that may be empty, placeholders do not count.
    """
    for name, column in table.columns.items():
        item = fields.get(name)
        if item is None or not column.custom.number_of:
            continue
        is_needed = column.required
        broken = [
            rule for rule in item.rules.values() if is_needed or rule != Rule.PLACEHOLDER_NUMBER
        ]
        share = len(broken) / max(1, item.filled_count)
        if len(broken) >= tolerance.least_count and share > tolerance.maximum_share:
            yield name


def find_repeated_records(
    table: Table, files: Sequence[Mapping[str, FieldTexts]]
) -> list[list[tuple[str, int, Rule]]]:
    """Return the records whose reference is repeated: for each file, their columns, rows, rules."""
    flags: list[list[tuple[str, int, Rule]]] = [[] for _ in files]
    columns = RECORDS.get(table.name)
    if columns is None:
        return flags
    values = _concatenate(files)
    if any(name not in values for name in columns.reference):
        return flags
    places = _list_places(files)
    references = zip(*(values[name].to_pylist() for name in columns.reference), strict=True)
    for positions in _group_repeated(list(references)):
        records = [_build_record(columns, values, position) for position in positions]
        # Without times, a table's rows describe persons and not events. So a repeated reference
        # means that one person is listed twice.
        is_one = not columns.times or len(group_repeated_records(records)) == 1
        rule = Rule.REPEATED_RECORD if is_one else Rule.REUSED_REFERENCE
        for position in positions:
            file, row = places[position]
            flags[file].append((columns.reported_in, row, rule))
    return flags


def _concatenate(files: Sequence[Mapping[str, FieldTexts]]) -> dict[str, pa.Array]:
    """Return the values of all files of a table, one file after another.

    If a file lacks a field, its values are null.
    """
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


def _list_places(files: Sequence[Mapping[str, FieldTexts]]) -> list[tuple[int, int]]:
    """Return the file and row of each position in the joined values of all files."""
    return [(file, row) for file, fields in enumerate(files) for row in range(_row_count(fields))]


def _row_count(fields: Mapping[str, FieldTexts]) -> int:
    return len(next(iter(fields.values())).values) if fields else 0


def _find_unusable(texts: pa.Array) -> dict[int, Rule]:
    """Return the position of each text that is unusable as a number, with the rule it breaks."""
    if texts.null_count == len(texts):
        return {}
    rules: dict[int, Rule] = {}
    for position in pc.indices_nonzero(pc.match_substring_regex(texts, SUSPECT)).to_pylist():
        text = texts[position].as_py()
        if is_scientific(text):
            rules[position] = Rule.SCIENTIFIC_NUMBER
        elif is_placeholder(text):
            rules[position] = Rule.PLACEHOLDER_NUMBER
    return rules


def _flag_positions(item: FieldTexts, rules: Mapping[int, Rule], *, is_emptied: bool) -> FieldTexts:
    """Return the field with the given positions marked as broken by their rules.

    If `is_emptied`, the values at these positions become null.
    """
    if not rules:
        return item
    is_broken = item.is_broken.copy()
    is_broken[list(rules)] = True
    values = item.values
    if is_emptied:
        is_none = np.zeros(len(values), dtype=np.bool_)
        is_none[list(rules)] = True
        values = pc.if_else(pa.array(is_none), pa.scalar(None, pa.string()), values)
    rules = {**item.rules, **rules}
    return replace(item, values=values, is_broken=is_broken, rules=rules, is_judged=False)


def _find_conflicting(columns: RecordColumns, name: str, fields: Values) -> list[int]:
    """Return the positions of numbers that records of clearly different persons share.

    Two persons clearly differ if their names and their dates of birth differ. Within one report,
    different names are enough.
    """
    needed = (columns.forenames, columns.surname, columns.birth)
    if not any(column in fields for column in needed[:2]) or columns.birth not in fields:
        return []
    conflicting: list[int] = []
    # If no other column has references, each record counts as a report of its own. A missing column
    # of references has its own finding.
    references = fields.get(columns.reference[0]) if name != columns.reference[0] else None
    for positions in _group_repeated(fields[name].to_pylist()):
        persons: set[PersonDetails] = set()
        by_report: dict[object, set[PersonDetails]] = {}
        for position in positions:
            person = replace(_build_record(columns, fields, position).person, number=None)
            # Two records clearly differ only if both have a name and a date of birth. This leaves
            # few records to compare.
            if person.birth_date and (person.forename or person.surname):
                persons.add(person)
            report = position if references is None else references[position].as_py()
            by_report.setdefault(report, set()).add(person)
        # Within one report, a different name is enough: twins have the same date of birth.
        twins = (combinations(group, 2) for group in by_report.values())
        if any(one.is_another(other) for one, other in combinations(persons, 2)) or any(
            one.compare_names(other) < 0 for one, other in chain.from_iterable(twins)
        ):
            conflicting += positions
    return conflicting


def _group_repeated(keys: list[object]) -> list[list[int]]:
    """Return the positions of each value that occurs more than once. Nulls are left out."""
    places: dict[object, list[int]] = {}
    for position, key in enumerate(keys):
        if key is not None and key != (None,):
            places.setdefault(key, []).append(position)
    return [positions for positions in places.values() if len(positions) > 1]


def _build_record(columns: RecordColumns, fields: Values, position: int) -> Record:
    def read_text(name: str | None) -> str | None:
        if name is None or name not in fields:
            return None
        return fields[name][position].as_py() or None

    person = PersonDetails.from_texts(
        read_text(columns.number),
        read_text(columns.forenames),
        read_text(columns.surname),
        read_text(columns.birth),
    )
    times = (read_text(name) for name in columns.times)
    return Record(
        {"reference": "", "_delivery_id": ""},
        person,
        tuple(datetime.fromisoformat(time) if time else None for time in times),
    )
