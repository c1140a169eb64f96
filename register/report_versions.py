"""Division of records that share a reference into reports, each about one person and absence.

Records with the same reference count as versions of one report unless they contradict each other.
If they do, the reports are numbered: report 1 keeps the reference as its identifier, and the others
add their number. Records are compared by content, in the order of their periods and not of arrival.

Within one delivery there are no corrections. Two records are one report if they agree in every
number, name, date of birth and time that both have.

A record of a later delivery is a correction if, of number, name and date of birth, at least as many
agree as disagree. Also, a time must lie within two days of the earlier one, or have day and month
swapped. Another forename means another person, unless the person's number is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import combinations, groupby
from typing import Any

import pyarrow as pa

NUMBERED = pa.schema(
    [
        *((name, pa.string()) for name in ("kind", "issuer", "supplier_code", "feed")),
        *((name, pa.string()) for name in ("table_name", "column_name", "reference")),
        ("person_number", pa.string()),
        ("record_number", pa.int32()),
        ("rule_code", pa.string()),
        *((name, pa.string()) for name in ("_delivery_id", "_file")),
        ("_row_number", pa.int64()),
    ]
)
TIMES = ("last_seen_at", "reported_at", "found_at", "returned_at")
# A correction moves a start by hours or a day. Another absence of the child begins later than that.
CORRECTED_WITHIN = timedelta(days=2)
# If two absences of one child start closer together than this, they may be one absence with
# corrected times.
UNCLEAR_WITHIN = timedelta(days=31)
REUSED, UNCLEAR = "reused_reference", "unclear_correction"
# Scientific notation, to which Excel and Java shorten long numbers.
SCIENTIFIC = re.compile(
    r"[+-]?[0-9]([.,][0-9]+)?E\+[0-9]{1,3}|[0-9][.,][0-9]+E[0-9]{1,3}", re.IGNORECASE
)
# Texts that stand for a missing number or name; spaces and punctuation are removed first.
PLACEHOLDERS = frozenset(
    {
        *("na", "nil", "none", "null", "nan", "nk", "unk", "uk", "unknown", "unidentified"),
        *("notknown", "notapplicable", "notavailable", "notrecorded", "notgiven", "notallocated"),
        *("tba", "tbc", "tbd", "pending", "missing", "blank", "empty", "noref", "nonumber"),
        *("x", "xx", "xxx", "xxxx", "ref", "value", "div0", "error", "new", "awaited", "awaiting"),
    }
)
# Some programs use a row of nines as a default value.
NINES = re.compile("9{6,}")
NAMELESS = PLACEHOLDERS | {
    *("male", "female", "boy", "girl", "child", "person", "juvenile"),
    *("unknownmale", "unknownfemale", "unknownchild", "unknownperson"),
}


def is_placeholder(text: str) -> bool:
    """Return whether a text stands for a missing number: N/A, a dash, zeros, nines or words."""
    word = re.sub(r"[\W_]+", "", text).casefold()
    # A text of several words without a digit, such as "to follow", is no number of any system.
    is_phrase = len(text.split()) > 1 and not any(letter.isdigit() for letter in text)
    is_default = bool(NINES.fullmatch(word))
    return word.strip("0") == "" or word in PLACEHOLDERS or is_phrase or is_default


def is_scientific(text: str) -> bool:
    """Return whether a spreadsheet shortened a number, so that different numbers look the same."""
    return SCIENTIFIC.fullmatch(text.strip()) is not None


@dataclass(frozen=True)
class PersonDetails:
    """Details of a person in a record, in comparable form. A missing detail is None."""

    number: str | None
    forename: str | None
    surname: str | None
    birth_date: str | None

    @classmethod
    def from_texts(
        cls, number: str | None, forenames: str | None, surname: str | None, birth: str | None
    ) -> PersonDetails:
        """Return comparable details of a person from delivered texts; `birth` is an ISO date."""
        number = None if number is None or is_placeholder(number) else number.casefold().strip()
        return cls(number, _normalise_name(forenames), _normalise_name(surname), birth)

    def contradicts(self, other: PersonDetails) -> bool:
        """Return whether any detail differs that is known of both persons."""
        return any(one != two for one, two in self.pair_with(other) if one and two)

    def pair_with(self, other: PersonDetails) -> list[tuple[str | None, str | None]]:
        """Return pairs of each detail of this person and the same detail of the other person."""
        return list(zip(astuple(self), astuple(other), strict=True))

    def is_another(self, other: PersonDetails) -> bool:
        """Return whether both the names and the dates of birth clearly differ."""
        return self.compare_names(other) < 0 and self.compare_births(other) < 0

    def may_be_corrected_to(self, other: PersonDetails) -> bool:
        """Return whether the other may be the same person, with corrected or added details."""
        name = self.compare_names(other)
        number = _score_agreement(self.number, other.number, self.number == other.number)
        agreed = name + number + self.compare_births(other)
        return agreed >= 0 and (name >= 0 or number > 0)

    def shares_something_with(self, other: PersonDetails) -> bool:
        """Return whether a detail agrees, or too little is known to tell two persons apart."""
        name, birth = self.compare_names(other), self.compare_births(other)
        number = _score_agreement(self.number, other.number, self.number == other.number)
        return max(name, birth, number) > 0 or (name >= 0 and birth >= 0)

    def compare_names(self, other: PersonDetails) -> int:
        """Return 1 if the names agree in any spelling or order, -1 if not, and 0 if unclear.

        Forenames that agree with differing surnames are unclear, and so are missing names.
        """
        mine, theirs = (self.forename, self.surname), (other.forename, other.surname)
        if (
            all((*mine, *theirs))
            and _are_alike_names(mine[0], theirs[1])
            and _are_alike_names(mine[1], theirs[0])
        ):
            return 1
        is_surname_other = all((mine[1], theirs[1])) and not _are_alike_names(mine[1], theirs[1])
        if mine[0] and theirs[0]:
            if not _are_alike_names(mine[0], theirs[0]):
                return -1
            return 0 if is_surname_other else 1
        return -1 if is_surname_other else 0

    def compare_births(self, other: PersonDetails) -> int:
        """Return 1 if the dates of birth agree apart from a typo, -1 if not, and 0 if unknown."""
        mine, theirs = self.birth_date, other.birth_date
        is_same = bool(mine and theirs) and _are_alike_dates(str(mine), str(theirs))
        return _score_agreement(mine, theirs, is_same)


@dataclass(frozen=True)
class Record:
    """One delivered record: its row, the person, and the times of the absence."""

    row: dict[str, Any]
    person: PersonDetails
    times: tuple[datetime | None, ...]

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Record:
        """Return the record from a row of `int_repeated_references`."""
        birth = row["birth_date"]
        person = PersonDetails.from_texts(
            row["person_number"],
            row["forenames"],
            row["surname"],
            birth.isoformat() if isinstance(birth, date) else birth,
        )
        return cls(row, person, tuple(row[name] for name in TIMES))

    @property
    def delivery_id(self) -> str:
        """The id of the record's delivery."""
        return str(self.row["_delivery_id"])

    @property
    def details(self) -> tuple[object, ...]:
        """The person's details and the times of the absence, in this order."""
        person = self.person
        return (person.number, person.forename, person.surname, person.birth_date, *self.times)

    @property
    def reference(self) -> str:
        """The supplier's reference for the record."""
        return str(self.row["reference"])

    def is_repeated_by(self, other: Record) -> bool:
        """Return whether another record of the delivery is about the same person and absence."""
        is_same_time = all(one == two for one, two in self._pair_known_times(other))
        return is_same_time and not self.person.contradicts(other.person)

    def may_be_corrected_to(self, other: Record) -> bool:
        """Return whether a record of a later delivery may be a correction of this one."""
        # Compare times first: this is fast and already separates most records.
        if not (self.is_near(other, CORRECTED_WITHIN) or self._has_swapped_date(other)):
            return False
        if not is_reference(self.reference):
            return self.is_repeated_by(other)
        return self.person.may_be_corrected_to(other.person)

    def is_near(self, other: Record, within: timedelta) -> bool:
        """Return whether any time differs by at most `within`; also true if both share no time."""
        known = self._pair_known_times(other)
        return not known or any(abs(one - two) <= within for one, two in known)

    def score_likeness(self, other: Record) -> tuple[int, int, int]:
        """Return how alike two records are, as a tuple that is greater the more alike they are."""
        mine, theirs = self.person, other.person
        same = sum(bool(one and one == two) for one, two in mine.pair_with(theirs))
        agreed = mine.compare_names(theirs) + mine.compare_births(theirs)
        return same, agreed, sum(one == two for one, two in self._pair_known_times(other))

    def _pair_known_times(self, other: Record) -> list[tuple[datetime, datetime]]:
        pairs = zip(self.times, other.times, strict=True)
        return [(one, two) for one, two in pairs if one and two]

    def _has_swapped_date(self, other: Record) -> bool:
        return any(
            (one.year, one.month, one.day) == (two.year, two.day, two.month)
            for one, two in self._pair_known_times(other)
        )


def is_reference(text: str) -> bool:
    """Return whether a reference is usable: neither a placeholder nor a shortened number."""
    return not is_placeholder(text) and not is_scientific(text)


def number_records(rows: pa.Table) -> pa.Table:
    """Number the reports under each reference that stands for more than one report.

    `rows` has the columns of `int_repeated_references`. A reference is left out if all its records
    are versions of one report. The rule code of a record says what its supplier should correct.
    """
    records = sorted((Record.from_row(row) for row in rows.to_pylist()), key=_sort_key)
    numbered: list[dict[str, Any]] = []
    for _, group in groupby(records, key=lambda item: _reference_key(item.row)):
        reports = divide_records(list(group))
        if len(reports) > 1:
            rule = _choose_rule(reports)
            numbered += [
                {**record.row, "record_number": number, "rule_code": rule}
                for number, versions in enumerate(reports, start=1)
                for record in versions
            ]
    return pa.Table.from_pylist(numbered, NUMBERED)


def divide_records(records: Sequence[Record]) -> list[list[Record]]:
    """Divide the sorted records with one reference into reports, each a list of versions."""
    reports: list[list[Record]] = []
    known = SharedDetails()
    for _, group in groupby(records, key=lambda item: item.delivery_id):
        delivered = group_repeated_records(group)
        candidates = sorted(
            (
                (
                    _negate(
                        max(old.score_likeness(new) for new in versions for old in reports[number])
                    )
                ),
                number,
                place,
            )
            for place, versions in enumerate(delivered)
            for number in _list_comparable_reports(known, versions, len(reports))
            if any(old.may_be_corrected_to(new) for new in versions for old in reports[number])
        )
        placed: dict[int, int] = {}
        for _, number, place in candidates:
            if place not in placed and number not in placed.values():
                placed[place] = number
        for place, versions in enumerate(delivered):
            number = placed.get(place, len(reports))
            if number == len(reports):
                reports.append([])
            reports[number] += versions
            for record in versions:
                known.add(number, record.details)
    return reports


def _list_comparable_reports(
    known: SharedDetails, versions: Sequence[Record], count: int
) -> Iterable[int]:
    """Return the numbers of the reports with which new versions must be compared.

    These are all reports or, if the reference is a placeholder, only reports that share details.
    """
    if is_reference(versions[0].reference):
        return range(count)
    return sorted({number for record in versions for number in known.find_sharing(record.details)})


def group_repeated_records(records: Iterable[Record]) -> list[list[Record]]:
    """Group the records of one delivery that are about the same person and absence.

    Each record joins the first report that it does not contradict.
    """
    reports: list[list[Record]] = []
    # For each report, the details of all its records together. The records of one report never
    # contradict each other.
    combined: list[list[object]] = []
    known = SharedDetails()
    for record in records:
        details = record.details
        same = (
            number
            for number in sorted(known.find_sharing(details))
            if all(
                not one or not two or one == two
                for one, two in zip(combined[number], details, strict=True)
            )
        )
        number = next(same, len(reports))
        if number == len(reports):
            reports.append([])
            combined.append(list(details))
            known.add(number, details)
        elif any(two and not one for one, two in zip(combined[number], details, strict=True)):
            pairs = zip(combined[number], details, strict=True)
            combined[number] = [one or two for one, two in pairs]
            known.add(number, details)
        reports[number].append(record)
    return reports


class SharedDetails:
    """An index of reports by detail, needed for references that thousands of records share."""

    def __init__(self) -> None:
        self._reports_by_detail: list[dict[object, set[int]]] = []
        self._numbers: set[int] = set()

    def add(self, number: int, details: Sequence[object]) -> None:
        """Add the details of one of a report's records to the index."""
        self._numbers.add(number)
        self._reports_by_detail = self._reports_by_detail or [{} for _ in details]
        for reports, detail in zip(self._reports_by_detail, details, strict=True):
            reports.setdefault(detail or None, set()).add(number)

    def find_sharing(self, details: Sequence[object]) -> set[int]:
        """Return the reports that share the rarest of these details, or have no value for it."""
        choices = [
            (reports.get(detail, set()), reports.get(None, set()))
            for reports, detail in zip(self._reports_by_detail, details, strict=False)
            if detail
        ]
        fewest = min(choices, key=lambda sets: len(sets[0]) + len(sets[1]), default=None)
        return self._numbers if fewest is None else fewest[0] | fewest[1]


def _choose_rule(reports: Sequence[Sequence[Record]]) -> str:
    """Return the rule that reports under one reference break: reused or unclear correction."""
    first_records = [versions[0] for versions in reports]
    if not is_reference(first_records[0].reference):
        return REUSED
    return (
        UNCLEAR
        if any(_is_unclear_correction(*pair) for pair in combinations(first_records, 2))
        else REUSED
    )


def _is_unclear_correction(one: Record, two: Record) -> bool:
    if one.delivery_id == two.delivery_id or not one.is_near(two, UNCLEAR_WITHIN):
        return False
    return one.person.shares_something_with(two.person)


def _reference_key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["kind"], row["issuer"], row["reference"]


def _sort_key(record: Record) -> tuple[Any, ...]:
    """Return the sort key of a record: reference, period, content and, last, the record's place."""
    row, person = record.row, record.person
    details = (person.number, person.birth_date, person.surname, person.forename)
    return (
        _reference_key(row),
        str(row["period_end"]),
        str(row["period_start"]),
        record.delivery_id,
        tuple(str(time or "") for time in record.times),
        tuple(text or "" for text in details),
        row["_file"],
        row["_row_number"],
    )


def _negate(likeness: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-part for part in likeness)


def _score_agreement(one: str | None, two: str | None, is_same: bool) -> int:
    if not one or not two:
        return 0
    return 1 if is_same else -1


@cache
def _normalise_name(text: str | None) -> str | None:
    """Return a name in lower case without accents, or None for a text that is no name."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKD", text)
    words = re.sub(r"[^\w\s]|[0-9_]", "", plain).casefold().split()
    return None if not words or "".join(words) in NAMELESS else " ".join(words)


def _are_alike_names(one: str | None, two: str | None) -> bool:
    """Return whether two names, or their first words, differ in only a few letters.

    A name that begins with the first word of the other is alike too.
    """
    if not one or not two:
        return False
    wholes = (one.replace(" ", ""), two.replace(" ", ""))
    firsts = (one.split()[0], two.split()[0])
    if wholes[0].startswith(firsts[1]) or wholes[1].startswith(firsts[0]):
        return True
    return any(
        _compute_edit_distance(*pair) <= max(1, (max(map(len, pair)) + 1) // 3)
        for pair in (wholes, firsts)
    )


def _are_alike_dates(one: str, two: str) -> bool:
    """Return whether two ISO dates differ by at most one edit, or by swapped day and month."""
    return (
        one == two
        or (one[:4], one[5:7], one[8:]) == (two[:4], two[8:], two[5:7])
        or _compute_edit_distance(one, two) <= 1
    )


@cache
def _compute_edit_distance(one: str, two: str) -> int:
    """Return the edit distance of two texts. Swapping two neighbours is one edit (Damerau)."""
    before_last: list[int] = []
    last = list(range(len(two) + 1))
    for place, letter in enumerate(one, start=1):
        current = [place]
        for column, other in enumerate(two, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            is_swap = (
                place > 1 and column > 1 and (letter, other) == (two[column - 2], one[place - 2])
            )
            current.append(min(cost, before_last[column - 2] + 1) if is_swap else cost)
        before_last, last = last, current
    return last[-1]
