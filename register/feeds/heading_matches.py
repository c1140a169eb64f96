"""Matching of a stranger's headings to the fields of a contract, by names and by forms of values.

The names of a field are its own, its description, and its headings in all known layouts. A match is
sure if no other field or heading comes near it. Writing a layout belongs in
`register.feeds.layout_draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property
from pathlib import Path

from register.feeds.contract import Column, Table, load_contracts
from register.feeds.layout import Layout, load_usable_layouts
from register.feeds.sample_columns import SampleColumn, SampleTable
from register.feeds.seeds import read_code_meanings

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Letters with points, such as D.O.B.
INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# Where the first phrase of a description ends.
END_OF_PHRASE = re.compile(r"[.,;:(]| that | from | until ")
# Words of headings that mean the same. Words that only say the kind of value become empty.
PHRASES = {
    "date of birth": "dob", "birth date": "dob", "first name": "forename", "last name": "surname",
    "given name": "forename", "family name": "surname", "post code": "postcode",
    "unique pupil": "upn", "common child": "nhs", "looked after": "care",
}  # fmt: skip
SAME_WORDS = {
    **dict.fromkeys(("no", "num", "number", "ref", "reference", "identifier", "key", "keys"), "id"),
    **dict.fromkeys(("client", "young", "subject", "nominal", "pupil", "child"), "person"),
    **dict.fromkeys(("born", "birth", "birthdate", "bd"), "dob"),
    **dict.fromkeys(("given", "forenames", "first", "firstname"), "forename"),
    **dict.fromkeys(("family", "lastname", "surnames"), "surname"),
    **dict.fromkeys(("gender", "gdr"), "sex"),
    **dict.fromkeys(("ethnic", "ethnicity", "ethnos"), "ethnicity"),
    **dict.fromkeys(("from", "began", "begins", "begin", "commenced", "started"), "start"),
    **dict.fromkeys(("to", "until", "ended", "ends", "ceased", "finish", "finished"), "end"),
    **dict.fromkeys(("kind", "category", "class", "classification"), "type"),
    **dict.fromkeys(("absences", "absent", "absence", "misper", "episodes"), "absence"),
    **dict.fromkeys(("pcode", "postal"), "postcode"),
    **dict.fromkeys(("rhi", "interviews", "interview"), "interview"),
    **dict.fromkeys(("why", "cause"), "reason"),
    **dict.fromkeys(("placements", "placed", "place"), "placement"),
    **dict.fromkeys(("addresses", "home"), "address"),
    **dict.fromkeys(("orders", "order"), "legal"),
    **dict.fromkeys(("date", "datetime", "dtm", "dt", "time", "at", "on", "cd", "value"), ""),
    **dict.fromkeys(("code", "table"), ""),
    **dict.fromkeys(("of", "the", "a", "in", "is", "was", "and", "or", "its", "this", "name"), ""),
}  # fmt: skip
SURE_SCORE = 0.72
SURE_MARGIN = 0.06
POSSIBLE_SCORE = 0.45
NAME_WEIGHT = 0.7
# Fields that the register does not use give way to others of the same name.
UNUSED_WEIGHT = 0.85
# A column with more different values than this has no codes.
MAX_CODES = 60
SHORT_DESCRIPTION = 8


@dataclass(frozen=True)
class FieldMatch:
    """A field that a column may fill, and how well it fits (0-1)."""

    column: SampleColumn
    field: str
    score: float


@dataclass(frozen=True)
class TableMatch:
    """The sure matches of a sample's columns to one table, the possible ones, and a score (0-1)."""

    sample: SampleTable
    table: Table
    sure: tuple[FieldMatch, ...]
    possible: tuple[FieldMatch, ...]
    score: float

    @cached_property
    def sure_fields(self) -> dict[str, SampleColumn]:
        """The columns that surely fill a field, by field."""
        return {match.field: match.column for match in self.sure}

    @property
    def open_columns(self) -> list[SampleColumn]:
        """The columns without a sure field."""
        sure = {match.column.heading for match in self.sure}
        return [column for column in self.sample.columns if column.heading not in sure]


@dataclass(frozen=True)
class HeadingMatcher:
    """The names and codes by which headings and values of one feed are recognised."""

    feed: str
    seeds: Path
    layouts: Path

    def match_table(
        self, sample: SampleTable, table: Table, fields: Iterable[str] | None = None
    ) -> TableMatch:
        """Match the columns of a sample to a table, or to some of its fields."""
        names = list(table.columns if fields is None else fields)
        scores = sorted(
            (
                FieldMatch(column, name, score)
                for column in sample.columns
                for name in names
                if (score := self._score_match(column, table, table.columns[name]))
                >= POSSIBLE_SCORE
            ),
            key=lambda match: (-match.score, match.field, match.column.heading),
        )
        sure: list[FieldMatch] = []
        free = scores
        while match := next((item for item in free if _is_sure(item, free)), None):
            sure.append(match)
            free = [
                item
                for item in free
                if item.field != match.field and item.column is not match.column
            ]
        return TableMatch(
            sample, table, tuple(sure), tuple(free), self._score_table(sample, table, sure)
        )

    def list_codes(self, vocabulary: str) -> dict[str, str]:
        """Return the conformed code of each source code of a vocabulary, in lower case."""
        codes: dict[str, str] = {}
        for layout in _load_layouts(self.layouts):
            if layout.feed == self.feed:
                for code, meaning in read_code_meanings(self.seeds, layout, vocabulary).items():
                    codes.setdefault(code.casefold(), meaning)
        return codes

    def _score_table(self, sample: SampleTable, table: Table, sure: Sequence[FieldMatch]) -> float:
        needed = [name for name, column in table.columns.items() if column.is_required_in("9999")]
        filled = {match.field for match in sure}
        score_sum = sum(match.score for match in sure)
        share_of_columns = score_sum / max(1, len(sample.columns))
        share_of_fields = len(filled & set(needed)) / max(1, len(needed))
        words = _split_heading(f"{sample.file_name.rsplit('.', 1)[0]} {sample.sheet_name or ''}")
        is_named = 1.0 if words & _list_table_words(table) else 0.0
        return 0.5 * share_of_columns + 0.3 * share_of_fields + 0.2 * is_named

    def _score_match(self, column: SampleColumn, table: Table, target: Column) -> float:
        form = self._score_form(column, target)
        if form == 0.0:
            return 0.0
        names = _list_names(self.feed, self.layouts, table.name, target.name)
        own = _list_table_words(table)
        heading = _split_heading(column.heading)
        variants = [(heading, 1.0)]
        if heading - own and heading & own:
            variants.append((heading - own, 0.95))
        name = max(
            (
                weight * other_weight * _compare(words, other)
                for words, weight in variants
                for other, other_weight in names
            ),
            default=0.0,
        )
        weight = UNUSED_WEIGHT if target.custom.not_staged else 1.0
        return weight * (NAME_WEIGHT * name + (1 - NAME_WEIGHT) * form)

    def _score_form(self, column: SampleColumn, target: Column) -> float:
        """Return how well the values have the form of a field (0-1); 0 if they cannot be of it."""
        if not column.examples:
            return 0.6
        is_date = target.logicalType != "string"
        if is_date or column.date_format or column.has_times:
            return 1.0 if is_date and column.date_format else 0.0
        is_postcode = "post" in target.name
        if column.has_postcodes or is_postcode:
            return 1.0 if column.has_postcodes and is_postcode else 0.0
        if target.custom.code_map:
            codes = self.list_codes(target.custom.code_map)
            share = column.fitting_share(frozenset((*codes, *codes.values())))
            has_few = len(column.examples) <= MAX_CODES
            return 0.5 + 0.5 * share if share > 0 or has_few else 0.0
        pattern = target.pattern
        if pattern:
            return sum(bool(pattern.search(t)) for t in column.examples) / len(column.examples)
        is_key = target.required and target.custom.number_of != "person"
        return 0.3 if is_key and not column.is_unique else 1.0 if is_key else 0.7


def _is_sure(match: FieldMatch, scores: Sequence[FieldMatch]) -> bool:
    """Return whether no other field comes near for the column, nor another column for the field."""
    rivals = (
        other.score
        for other in scores
        if other is not match and (other.field == match.field or other.column is match.column)
    )
    return match.score >= SURE_SCORE and match.score - max(rivals, default=0.0) >= SURE_MARGIN


def _compare(words: frozenset[str], others: frozenset[str]) -> float:
    """Return the similarity of two sets of words (0-1)."""
    if words == others:
        return 1.0
    if not words or not others:
        return 0.0
    shared = 2 * len(words & others) / (len(words) + len(others))
    text, other_text = (" ".join(sorted(each)) for each in (words, others))
    return 0.6 * shared + 0.4 * SequenceMatcher(None, text, other_text).ratio()


@cache
def _split_heading(text: str) -> frozenset[str]:
    """Return the words of a heading, in which words of the same meaning are the same."""
    text = INITIALS.sub(lambda match: match[0].replace(".", ""), text)
    words = " ".join(word.casefold() for word in WORD.findall(text))
    for phrase, word in PHRASES.items():
        words = re.sub(rf"\b{phrase}\b", word, words)
    return frozenset(filter(None, (SAME_WORDS.get(word, word) for word in words.split())))


@cache
def _load_layouts(folder: Path) -> tuple[Layout, ...]:
    return tuple(load_usable_layouts(folder))


def _list_table_words(table: Table) -> frozenset[str]:
    """Return the words by which people name a table."""
    first = END_OF_PHRASE.split(table.description.removeprefix("One row per "))[0].split(" of ")[0]
    names = " ".join([*(name.removeprefix("ssd_") for name in table.file_names), first])
    return _split_heading(names) | ({"absence"} if "missing" in table.name else frozenset())


def _find_prefix(table: Table) -> str:
    """Return the prefix that most columns of a table share, such as `pers_`; empty if none."""
    prefixes = [name.partition("_")[0] + "_" for name in table.columns if "_" in name]
    best = max(set(prefixes), key=prefixes.count, default="")
    return best if prefixes.count(best) > len(table.columns) / 2 else ""


@cache
def _list_names(
    feed: str, layouts: Path, table_name: str, field: str
) -> tuple[tuple[frozenset[str], float], ...]:
    """Return the names of a field as sets of words, each with its weight (0-1)."""
    table = load_contracts()[feed].table_by_name[table_name]
    return tuple(dict.fromkeys(_iterate_names(feed, layouts, table, field)))


def _iterate_names(
    feed: str, layouts: Path, table: Table, field: str
) -> Iterator[tuple[frozenset[str], float]]:
    column = table.columns[field]
    short = field.removeprefix(_find_prefix(table))
    words = _split_heading(short)
    yield _split_heading(field), 1.0
    yield words, 1.0
    own = _list_table_words(table)
    if words - own and words & own:
        yield words - own, 0.97
    yield _split_heading(column.xml_name), 1.0
    if column.required:
        # People name a key by the record, and a person by the word for a person.
        is_person = column.custom.number_of == "person"
        yield (frozenset(("person", "id")) if is_person else own | {"id"}), 1.0
    description = END_OF_PHRASE.split(column.description)[0]
    if len(description.split()) <= SHORT_DESCRIPTION:
        yield _split_heading(description), 0.93
        yield _split_heading(description) - own, 0.9
    for layout in _load_layouts(layouts):
        for part in layout.parts:
            is_own = (layout.feed, part.file.table_name) == (feed, table.name)
            for item in part.all_columns:
                if item.name and item.field == (field if is_own else short):
                    weight = 1.0 if is_own else 0.95
                    yield from (
                        (_split_heading(name), weight) for name in (item.name, *item.other_names)
                    )
