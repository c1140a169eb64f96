"""Which records under one reference are versions of one report: the same person and absence.

A supplier's reference is taken at its word unless its records contradict each other. Then they are
numbered: report 1 keeps the reference as its identifier, the others add their number. Records are
compared by what they say, in the order of their periods, never in that of their arrival.

- Within one delivery nothing is corrected: records are one report if no number, name, date of birth
  or time that both have differs.
- A record of another delivery is a correction if what agrees of number, name and date of birth is
  at least as much as what does not, and a time lies within two days (or has day and month swapped).
  Another forename is another person, unless the person's number is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
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
# A start that is corrected moves by hours or by a day; a child who is missing again is so later.
CORRECTED_WITHIN = timedelta(days=2)
# Two absences of one child that are nearer than this may be one whose times were corrected.
UNCLEAR_WITHIN = timedelta(days=31)
REUSED, UNCLEAR = "reused_reference", "unclear_correction"
# Excel's display of a long number, of which it keeps few digits; with a fraction, Java's too.
SCIENTIFIC = re.compile(
    r"[+-]?[0-9]([.,][0-9]+)?E\+[0-9]{1,3}|[0-9][.,][0-9]+E[0-9]{1,3}", re.IGNORECASE
)
# What people and systems write where there is no number or name, without blanks and punctuation.
PLACEHOLDERS = frozenset(
    {
        *("na", "nil", "none", "null", "nan", "nk", "unk", "uk", "unknown", "unidentified"),
        *("notknown", "notapplicable", "notavailable", "notrecorded", "notgiven", "notallocated"),
        *("tba", "tbc", "tbd", "pending", "missing", "blank", "empty", "noref", "nonumber"),
        *("x", "xx", "xxx", "xxxx", "ref", "value", "div0", "error", "new", "awaited", "awaiting"),
    }
)
# A number that programs fill in by default.
NINES = re.compile("9{6,}")
NAMELESS = PLACEHOLDERS | {
    *("male", "female", "boy", "girl", "child", "person", "juvenile"),
    *("unknownmale", "unknownfemale", "unknownchild", "unknownperson"),
}


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a number that is not there: N/A, a dash, zeros, nines, words."""
    word = re.sub(r"[\W_]+", "", text).casefold()
    # Several words without a digit, such as "to follow", are no number in any system.
    is_phrase = len(text.split()) > 1 and not any(letter.isdigit() for letter in text)
    is_default = bool(NINES.fullmatch(word))
    return word.strip("0") == "" or word in PLACEHOLDERS or is_phrase or is_default


def is_scientific(text: str) -> bool:
    """Whether a number was shortened by a spreadsheet, so that others are written the same."""
    return SCIENTIFIC.fullmatch(text.strip()) is not None


@dataclass(frozen=True)
class PersonDetails:
    """What a record says of a person, in comparable form; None where it says nothing."""

    number: str | None
    forename: str | None
    surname: str | None
    birth_date: str | None

    @classmethod
    def of(
        cls, number: str | None, forenames: str | None, surname: str | None, birth: str | None
    ) -> PersonDetails:
        """The details as delivered; `birth` is an ISO date."""
        number = None if number is None or is_placeholder(number) else number.casefold().strip()
        return cls(number, _name(forenames), _name(surname), birth)

    def contradicts(self, other: PersonDetails) -> bool:
        """Whether any detail that both have differs."""
        return any(one != two for one, two in self.paired(other) if one and two)

    def paired(self, other: PersonDetails) -> list[tuple[str | None, str | None]]:
        """Each detail of both."""
        return list(zip(astuple(self), astuple(other), strict=True))

    def is_another(self, other: PersonDetails) -> bool:
        """Whether name and date of birth are both clearly those of another person."""
        return self.name_agreement(other) < 0 and self.birth_agreement(other) < 0

    def may_be_corrected_to(self, other: PersonDetails) -> bool:
        """Whether the other may be the same person, with details corrected or filled in."""
        name = self.name_agreement(other)
        number = _agreement(self.number, other.number, self.number == other.number)
        agreed = name + number + self.birth_agreement(other)
        return agreed >= 0 and (name >= 0 or number > 0)

    def shares_something_with(self, other: PersonDetails) -> bool:
        """Whether a detail agrees, or too little is known to say that none does."""
        name, birth = self.name_agreement(other), self.birth_agreement(other)
        number = _agreement(self.number, other.number, self.number == other.number)
        return max(name, birth, number) > 0 or (name >= 0 and birth >= 0)

    def name_agreement(self, other: PersonDetails) -> int:
        """1 for the same name in another spelling or order, -1 for another one, 0 if unknown."""
        mine, theirs = (self.forename, self.surname), (other.forename, other.surname)
        if all((*mine, *theirs)) and _alike(mine[0], theirs[1]) and _alike(mine[1], theirs[0]):
            return 1
        is_surname_other = all((mine[1], theirs[1])) and not _alike(mine[1], theirs[1])
        if mine[0] and theirs[0]:
            if not _alike(mine[0], theirs[0]):
                return -1
            return 0 if is_surname_other else 1
        return -1 if is_surname_other else 0

    def birth_agreement(self, other: PersonDetails) -> int:
        """1 for the same date of birth but for a slip, -1 for another one, 0 if unknown."""
        mine, theirs = self.birth_date, other.birth_date
        is_same = bool(mine and theirs) and _is_date_alike(str(mine), str(theirs))
        return _agreement(mine, theirs, is_same)


@dataclass(frozen=True)
class Record:
    """One delivered record: its place, the person and the times of the absence."""

    row: dict[str, Any]
    person: PersonDetails
    times: tuple[datetime | None, ...]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Record:
        """The record of a row of `int_repeated_references`."""
        birth = row["birth_date"]
        person = PersonDetails.of(
            row["person_number"],
            row["forenames"],
            row["surname"],
            birth.isoformat() if isinstance(birth, date) else birth,
        )
        return cls(row, person, tuple(row[name] for name in TIMES))

    @property
    def delivery_id(self) -> str:
        """The delivery of the record."""
        return str(self.row["_delivery_id"])

    @property
    def details(self) -> tuple[object, ...]:
        """All that it says of person and times."""
        person = self.person
        return (person.number, person.forename, person.surname, person.birth_date, *self.times)

    @property
    def reference(self) -> str:
        """The supplier's reference of the record."""
        return str(self.row["reference"])

    def is_repeated_by(self, other: Record) -> bool:
        """Whether a record of the same delivery is about the same person and absence."""
        is_same_time = all(one == two for one, two in self._known_times(other))
        return is_same_time and not self.person.contradicts(other.person)

    def may_be_corrected_to(self, other: Record) -> bool:
        """Whether a record of another delivery may be this one, corrected."""
        # Times first: they tell most records apart, at the least cost.
        if not (self.is_near(other, CORRECTED_WITHIN) or self._is_swapped(other)):
            return False
        if not is_reference(self.reference):
            return self.is_repeated_by(other)
        return self.person.may_be_corrected_to(other.person)

    def is_near(self, other: Record, within: timedelta) -> bool:
        """Whether a time that both have lies within the limit, or they have none in common."""
        known = self._known_times(other)
        return not known or any(abs(one - two) <= within for one, two in known)

    def likeness(self, other: Record) -> tuple[int, int, int]:
        """How alike two records are: the larger, the more."""
        mine, theirs = self.person, other.person
        same = sum(bool(one and one == two) for one, two in mine.paired(theirs))
        agreed = mine.name_agreement(theirs) + mine.birth_agreement(theirs)
        return same, agreed, sum(one == two for one, two in self._known_times(other))

    def _known_times(self, other: Record) -> list[tuple[datetime, datetime]]:
        pairs = zip(self.times, other.times, strict=True)
        return [(one, two) for one, two in pairs if one and two]

    def _is_swapped(self, other: Record) -> bool:
        return any(
            (one.year, one.month, one.day) == (two.year, two.day, two.month)
            for one, two in self._known_times(other)
        )


def is_reference(text: str) -> bool:
    """Whether a reference tells one record from others: no placeholder, no shortened number."""
    return not is_placeholder(text) and not is_scientific(text)


def number_records(rows: pa.Table) -> pa.Table:
    """Number the records of each reference that stands for more than one report.

    `rows` has the columns of `int_repeated_references`. A reference whose records are versions of
    one report is left out. The rule code of a record says what its supplier is asked about it.
    """
    records = sorted((Record.of(row) for row in rows.to_pylist()), key=_order)
    numbered: list[dict[str, Any]] = []
    for _, group in groupby(records, key=lambda item: _key(item.row)):
        reports = divide_records(list(group))
        if len(reports) > 1:
            rule = _rule(reports)
            numbered += [
                {**record.row, "record_number": number, "rule_code": rule}
                for number, versions in enumerate(reports, start=1)
                for record in versions
            ]
    return pa.Table.from_pylist(numbered, NUMBERED)


def divide_records(records: Sequence[Record]) -> list[list[Record]]:
    """Divide the records of one reference, in order, into reports with their versions."""
    reports: list[list[Record]] = []
    known = SharedDetails()
    for _, group in groupby(records, key=lambda item: item.delivery_id):
        delivered = repeated_together(group)
        candidates = sorted(
            (
                (_negated(max(old.likeness(new) for new in versions for old in reports[number]))),
                number,
                place,
            )
            for place, versions in enumerate(delivered)
            for number in _comparable(known, versions, len(reports))
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


def _comparable(known: SharedDetails, versions: Sequence[Record], count: int) -> Iterable[int]:
    """The reports that records may be about: of what is no reference, those they share with."""
    if is_reference(versions[0].reference):
        return range(count)
    return sorted({number for record in versions for number in known.sharing(record.details)})


def repeated_together(records: Iterable[Record]) -> list[list[Record]]:
    """Put together the records of one delivery that are about the same person and absence.

    Each joins the first report that it contradicts in nothing.
    """
    reports: list[list[Record]] = []
    # What the records of each report say together: none contradicts another.
    said: list[list[object]] = []
    known = SharedDetails()
    for record in records:
        details = record.details
        same = (
            number
            for number in sorted(known.sharing(details))
            if all(
                not one or not two or one == two
                for one, two in zip(said[number], details, strict=True)
            )
        )
        found = next(same, len(reports))
        if found == len(reports):
            reports.append([])
            said.append(list(details))
            known.add(found, details)
        elif any(two and not one for one, two in zip(said[found], details, strict=True)):
            said[found] = [one or two for one, two in zip(said[found], details, strict=True)]
            known.add(found, details)
        reports[found].append(record)
    return reports


class SharedDetails:
    """The reports that say a detail, or lack it: thousands of records may have one reference."""

    def __init__(self) -> None:
        self._saying: list[dict[object, set[int]]] = []
        self._numbers: set[int] = set()

    def add(self, number: int, details: Sequence[object]) -> None:
        """Note that a report has a record with these details."""
        self._numbers.add(number)
        self._saying = self._saying or [{} for _ in details]
        for saying, detail in zip(self._saying, details, strict=True):
            saying.setdefault(detail or None, set()).add(number)

    def sharing(self, details: Sequence[object]) -> set[int]:
        """The reports that need not contradict these details: those that share the rarest."""
        choices = [
            (saying.get(detail, set()), saying.get(None, set()))
            for saying, detail in zip(self._saying, details, strict=False)
            if detail
        ]
        fewest = min(choices, key=lambda sets: len(sets[0]) + len(sets[1]), default=None)
        return self._numbers if fewest is None else fewest[0] | fewest[1]


def _rule(reports: Sequence[Sequence[Record]]) -> str:
    """What a supplier is asked: to give references anew, or first whether it is a correction."""
    if not is_reference(reports[0][0].reference):
        return REUSED
    return UNCLEAR if any(_is_unclear(*pair) for pair in _pairs(reports)) else REUSED


def _pairs(reports: Sequence[Sequence[Record]]) -> Iterator[tuple[Record, Record]]:
    for later in range(1, len(reports)):
        for earlier in range(later):
            yield reports[earlier][0], reports[later][0]


def _is_unclear(one: Record, two: Record) -> bool:
    if one.delivery_id == two.delivery_id or not one.is_near(two, UNCLEAR_WITHIN):
        return False
    return one.person.shares_something_with(two.person)


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["kind"], row["issuer"], row["reference"]


def _order(record: Record) -> tuple[Any, ...]:
    """References together; then by period and by what is said, and only then by place."""
    row, person = record.row, record.person
    said = (person.number, person.birth_date, person.surname, person.forename)
    return (
        _key(row),
        str(row["period_end"]),
        str(row["period_start"]),
        record.delivery_id,
        tuple(str(time or "") for time in record.times),
        tuple(text or "" for text in said),
        row["_file"],
        row["_row_number"],
    )


def _negated(likeness: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-part for part in likeness)


def _agreement(one: str | None, two: str | None, is_same: bool) -> int:
    if not one or not two:
        return 0
    return 1 if is_same else -1


@cache
def _name(text: str | None) -> str | None:
    """A name's letters without accents and case; None for one that names nobody."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKD", text)
    words = re.sub(r"[^\w\s]|[0-9_]", "", plain).casefold().split()
    return None if not words or "".join(words) in NAMELESS else " ".join(words)


def _alike(one: str | None, two: str | None) -> bool:
    """Whether two names may be one: the first word of each or the whole, but for a few letters."""
    if not one or not two:
        return False
    wholes = (one.replace(" ", ""), two.replace(" ", ""))
    firsts = (one.split()[0], two.split()[0])
    if wholes[0].startswith(firsts[1]) or wholes[1].startswith(firsts[0]):
        return True
    return any(
        _letters_apart(*pair) <= max(1, (max(map(len, pair)) + 1) // 3) for pair in (wholes, firsts)
    )


def _is_date_alike(one: str, two: str) -> bool:
    """Whether two ISO dates are the same but for day and month, or for one digit."""
    return (
        one == two
        or (one[:4], one[5:7], one[8:]) == (two[:4], two[8:], two[5:7])
        or _letters_apart(one, two) <= 1
    )


@cache
def _letters_apart(one: str, two: str) -> int:
    """Count the letters to insert, remove, replace or swap with the next (Damerau's distance)."""
    before_last: list[int] = []
    last = list(range(len(two) + 1))
    for place, letter in enumerate(one, start=1):
        now = [place]
        for column, other in enumerate(two, start=1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != other))
            is_swap = (
                place > 1 and column > 1 and (letter, other) == (two[column - 2], one[place - 2])
            )
            now.append(min(cost, before_last[column - 2] + 1) if is_swap else cost)
        before_last, last = last, now
    return last[-1]
