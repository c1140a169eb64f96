"""A proposal of a layout for a stranger's files: what is sure, and questions for the rest.

The proposal has headings, names of files and sheets, and values that are surely codes. Of all other
values it has only their form, because they may be about persons.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from register.feeds.contract import Column, Table, load_contracts
from register.feeds.heading_matches import END_OF_PHRASE, HeadingMatcher, TableMatch
from register.feeds.layout_check import (
    MAX_CODE_LENGTH,
    MAX_CODES,
    MIN_CODE_COUNT,
    NO_CODE,
    QUESTION,
)
from register.feeds.sample_columns import (
    LAST_TWO_DIGIT_YEAR,
    SampleColumn,
    SampleTable,
    read_samples,
)
from register.settings import Settings

# A sample fills a table only if its columns match that well.
MIN_TABLE_SCORE = 0.3
# A file whose best table is taken fills another table only if that one fits nearly as well.
MAX_BELOW_BEST = 0.1
# So large a share of the keys of a joined file must be keys of the main file.
MIN_SHARED_KEYS = 0.5


class NoSampleError(ValueError):
    """The folder has no file that can be read."""


@dataclass(frozen=True)
class LayoutDraft:
    """A proposed layout as YAML text, with proposed lines of the code map."""

    text: str
    code_lines: tuple[str, ...]
    question_count: int


@dataclass
class _Entry:
    """A table of the proposal: the sample that fills it, and the samples that are joined to it."""

    match: TableMatch
    patterns: list[str]
    joins: list[tuple[TableMatch, str, str]] = field(default_factory=list)

    @property
    def matches(self) -> list[TableMatch]:
        """The matches of the table's file, then those of the joined files."""
        return [self.match, *(match for match, _, _ in self.joins)]

    @property
    def columns(self) -> list[tuple[Column, SampleColumn]]:
        """Each sure field of the contract, with its column."""
        return [
            (match.table.columns[name], column)
            for match in self.matches
            for name, column in match.sure_fields.items()
        ]


def draft_layout(settings: Settings, folder: Path, feed: str, name: str) -> LayoutDraft:
    """Propose a layout of a feed for the files in a folder.

    Raises `NoSampleError` if no file of the folder can be read.
    """
    samples = read_samples(folder)
    if not any(sample.columns for sample in samples):
        raise NoSampleError(f"no file in {folder} has a heading and records")
    matcher = HeadingMatcher(feed, settings.seeds, settings.layouts)
    entries, rest = _assign_tables(matcher, samples)
    rest = _find_joins(matcher, entries, rest)
    codes, code_questions = _propose_codes(matcher, name, entries)
    lines = [
        f"layout_name: {name}",
        f"feed: {feed}",
        "description: >-",
        f"  The export of {name}.",
        *_write_common(feed, name, [*entries], samples),
        "tables:" if entries else "tables: []",
        *(line for entry in entries for line in _write_entry(entry, entries)),
        *_ask_about_tables(feed, entries),
        *_ask_about_files(rest),
        *code_questions,
    ]
    count = sum(QUESTION in line for line in lines)
    return LayoutDraft("\n".join([*lines, ""]), tuple(codes), count)


def _assign_tables(
    matcher: HeadingMatcher, samples: Sequence[SampleTable]
) -> tuple[list[_Entry], list[SampleTable]]:
    """Return an entry for each table with its best sample, and the samples that fill no table.

    Samples with the same headings fill the same table, one after the other.
    """
    tables = load_contracts()[matcher.feed].tables
    readable = [sample for sample in samples if sample.columns]
    by_headings: dict[tuple[str, ...], list[SampleTable]] = {}
    for sample in readable:
        by_headings.setdefault((*sample.headings, sample.sheet_name or ""), []).append(sample)
    matches = sorted(
        (
            matcher.match_table(group[0], table)
            for group in by_headings.values()
            for table in tables
        ),
        key=lambda match: -match.score,
    )
    entries: list[_Entry] = []
    used: set[tuple[str, ...]] = set()
    best: dict[tuple[str, ...], float] = {}
    for match in matches:
        key = (*match.sample.headings, match.sample.sheet_name or "")
        needed = max(MIN_TABLE_SCORE, best.setdefault(key, match.score) - MAX_BELOW_BEST)
        is_new = all(match.table is not entry.match.table for entry in entries)
        if key not in used and is_new and match.score >= needed and match.sure:
            used.add(key)
            patterns = dict.fromkeys(sample.file_pattern for sample in by_headings[key])
            entries.append(_Entry(match, list(patterns)))
    order = [table.name for table in tables]
    entries.sort(key=lambda entry: order.index(entry.match.table.name))
    rest = [s for s in samples if (*s.headings, s.sheet_name or "") not in used]
    return entries, rest


def _find_joins(
    matcher: HeadingMatcher, entries: list[_Entry], rest: Sequence[SampleTable]
) -> list[SampleTable]:
    """Join the samples that have more columns of a table's records; return all other samples."""
    remaining = []
    for sample in rest:
        for entry in entries:
            keys = _find_shared_key(entry.match.sample, sample)
            filled = {column.name for column, _ in entry.columns}
            free = [name for name in entry.match.table.columns if name not in filled]
            match = matcher.match_table(sample, entry.match.table, free)
            if keys and match.sure:
                entry.joins.append((match, *keys))
                break
        else:
            remaining.append(sample)
    return remaining


def _find_shared_key(main: SampleTable, other: SampleTable) -> tuple[str, str] | None:
    """Return the headings of the columns by which another sample is joined to a table's records.

    Each value of the other column is there once, and most are values of the main column.
    """
    best: tuple[float, str, str] | None = None
    for own in main.columns:
        values = set(own.values)
        for column in other.columns:
            if not column.values or not column.is_unique or column.date_format:
                continue
            share = len(values & set(column.values)) / len(column.values)
            if share >= MIN_SHARED_KEYS and (best is None or share > best[0]):
                best = (share, own.heading, column.heading)
    return best[1:] if best else None


def _write_common(
    feed: str, name: str, entries: Sequence[_Entry], samples: Sequence[SampleTable]
) -> Iterator[str]:
    columns = [pair for entry in entries for pair in entry.columns]
    if feed == "authority_extract":
        yield f"{QUESTION} is this the name of the case system, as in seeds/ref__case_systems.csv?"
        yield f"case_systems: [{_quote_text(name)}]"
    yield f"file: {_write_mapping(_find_common_form(samples))}"
    words = Counter(
        word for sample in samples for column in sample.columns for word in column.null_words
    )
    yield f"null_markers: [{', '.join(_quote_text(word) for word in sorted(words))}]"
    days = Counter(
        item.date_format for column, item in columns if item.date_format and _is_day(item)
    )
    times = Counter(
        item.date_format for _, item in columns if item.date_format and not _is_day(item)
    )
    yield f"date_format: {_quote_text(_find_usual(days) or '%d/%m/%Y')}"
    if not days and not times:
        yield f"{QUESTION} no column has dates that could be recognised; which format have they?"
    moment = _find_usual(times) or _find_usual(days) or "%d/%m/%Y %H:%M"
    yield f"datetime_format: {_quote_text(moment)}"
    more = [text for text, _ in times.most_common()[1:]] + [
        text for text, _ in days.most_common()[1:]
    ]
    if more:
        yield f"more_datetime_formats: [{', '.join(_quote_text(str(text)) for text in more)}]"
    if any("%y" in str(text) for text in [*days, *times]):
        yield f"{QUESTION} which is the last year that two digits can mean?"
        yield f"last_two_digit_year: {LAST_TWO_DIGIT_YEAR}"
    if any(str(text).startswith("%m/") for text in [*days, *times]):
        yield f"{QUESTION} is the month really before the day?"
    if any(item.has_dates_without_zeros for _, item in columns):
        yield "has_leading_zeros: false"
    yield 'alias_separator: "; "'
    if any(sample.has_footer for sample in samples):
        yield f"{QUESTION} files end with a row of totals; describe it as `footer` in `file`"


def _is_day(column: SampleColumn) -> bool:
    return not any(part in str(column.date_format) for part in ("%H", "%I"))


def _find_usual(counts: Counter[str]) -> str | None:
    return counts.most_common(1)[0][0] if counts else None


def _find_common_form(samples: Sequence[SampleTable]) -> dict[str, str | bool | None]:
    """Return the keys of `file` that most samples have in common."""
    forms = [sample.form for sample in samples if sample.columns]
    keys = dict.fromkeys(key for form in forms for key in form if key != "sheet_name")
    common: dict[str, str | bool | None] = {}
    for key in keys:
        value, count = Counter(form[key] for form in forms if key in form).most_common(1)[0]
        if 2 * count > len(forms):
            common[key] = value
    return common


def _write_entry(entry: _Entry, entries: Sequence[_Entry]) -> Iterator[str]:
    match, table = entry.match, entry.match.table
    common = _find_common_form([each.match.sample for each in entries])
    yield f"  - file: {_write_mapping(_describe_file(match.sample, common, table.name))}"
    if len(entry.patterns) > 1:
        names = ", ".join(entry.patterns)
        yield f"    {QUESTION} {table.name} is in several files ({names}); which pattern fits all?"
    yield from (f"    {line}" for line in _write_date_formats(entry, entries))
    yield "    columns:"
    yield from (f"      {line}" for line in _write_columns(match))
    yield from (f"      {line}" for line in _ask_about_fields(entry))
    if entry.joins:
        yield "    joins:"
    for joined, key, other_key in entry.joins:
        yield f"      - file: {_write_mapping(_describe_file(joined.sample, match.sample.form))}"
        yield f"        key: {_quote_text(key)}"
        if other_key.casefold() != key.casefold():
            yield f"        other_key: {_quote_text(other_key)}"
        yield "        columns:"
        yield from (f"          {line}" for line in _write_columns(joined, other_key))


def _describe_file(
    sample: SampleTable, common: dict[str, str | bool | None], table_name: str = ""
) -> dict[str, str | bool | None]:
    own = {key: value for key, value in sample.form.items() if common.get(key, "") != value}
    named: dict[str, str | bool | None] = {"table_name": table_name} if table_name else {}
    return {**named, "file_pattern": sample.file_pattern, **own}


def _write_date_formats(entry: _Entry, entries: Sequence[_Entry]) -> Iterator[str]:
    """Yield the format of a table's dates, if most dates of the layout have another one."""

    def count_days(of: Iterable[_Entry]) -> Counter[str]:
        return Counter(
            item.date_format
            for each in of
            for column, item in each.columns
            if item.date_format and _is_day(item)
        )

    own = count_days([entry])
    if own and _find_usual(own) != _find_usual(count_days(entries)):
        yield f"date_format: {_quote_text(str(_find_usual(own)))}"
    if len(own) > 1:
        yield f"{QUESTION} the dates of this table have several formats: {', '.join(map(str, own))}"


def _write_columns(match: TableMatch, key: str = "") -> Iterator[str]:
    order = list(match.table.columns)
    for name in sorted(match.sure_fields, key=order.index):
        is_required = match.table.columns[name].is_required_in("9999")
        suffix = "" if is_required else ", is_required: false"
        yield f"- {{name: {_quote_text(match.sure_fields[name].heading)}, field: {name}{suffix}}}"
    for place, column in enumerate(match.sample.columns, start=1):
        if column not in match.open_columns or column.heading == key:
            continue
        names = [m.field for m in match.possible if m.column is column][:3]
        heading = _quote_text(column.heading) if column.values else f"in position {place}"
        if names:
            yield f"{QUESTION} does the column {heading} fill {' or '.join(names)}?"
        else:
            yield f"{QUESTION} does the column {heading} fill any field? If not, leave it out."


def _ask_about_fields(entry: _Entry) -> Iterator[str]:
    """Ask about fields that no column may fill: one by one if records must have them."""
    filled = {column.name for column, _ in entry.columns}
    possible = {item.field for match in entry.matches for item in match.possible}
    free = [c for c in entry.match.table.properties if c.name not in filled | possible]
    for column in free:
        if column.required:
            what = END_OF_PHRASE.split(column.description)[0].strip()
            yield f"{QUESTION} which column, or which `value`, fills {column.name} ({what})?"
    names = [c.name for c in free if not c.required and not c.custom.not_staged]
    if names:
        yield f"{QUESTION} is any of these in the system? {', '.join(names)}"


def _ask_about_tables(feed: str, entries: Sequence[_Entry]) -> Iterator[str]:
    filled = {entry.match.table.name for entry in entries}
    for table in load_contracts()[feed].tables:
        if table.name not in filled and table.name != "ssd_version":
            need = _describe_need(table)
            yield f"{QUESTION} which file has {table.name} ({need})? {table.description}"


def _describe_need(table: Table) -> str:
    return "optional" if table.custom.is_file_optional else "required"


def _ask_about_files(rest: Sequence[SampleTable]) -> Iterator[str]:
    for sample in rest:
        place = (
            f"{sample.file_name}, sheet {sample.sheet_name}"
            if sample.sheet_name
            else sample.file_name
        )
        if sample.columns:
            headings = ", ".join(column.heading for column in sample.columns if column.values)
            yield f"{QUESTION} which table does {place} fill? Its columns are: {headings}"
        elif sample.form:
            yield f"{QUESTION} {place} has no heading that could be recognised; what is it?"
        else:
            yield f"{QUESTION} {place} cannot be read; can its table be sent as text?"


def _propose_codes(
    matcher: HeadingMatcher, name: str, entries: Sequence[_Entry]
) -> tuple[list[str], list[str]]:
    """Return lines for the code map, and questions about codes and other unmapped texts."""
    is_police = matcher.feed == "police_reports"
    lines: dict[str, None] = {}
    questions: dict[str, None] = {}
    for column, sample in (pair for entry in entries for pair in entry.columns):
        vocabulary = column.custom.code_map
        if vocabulary is None:
            continue
        known = matcher.list_codes(vocabulary)
        meanings = {meaning.casefold(): meaning for meaning in known.values()} | known
        counts = Counter(text for text in sample.values if text not in sample.null_words)
        new = {t: n for t, n in counts.items() if is_police or t.casefold() not in known}
        codes = {t: meanings[t.casefold()] for t in new if t.casefold() in meanings}
        lines |= {
            f"{name},{vocabulary},{_escape_code(t)},{code}": None for t, code in codes.items()
        }
        others = {t: n for t, n in new.items() if t not in codes}
        listed = [t for t, n in others.items() if _is_code(t, n, counts)]
        listed = listed if len(others) <= MAX_CODES else []
        allowed = ", ".join(dict.fromkeys(known.values()))
        questions |= {
            f"{QUESTION} which code of {vocabulary} is {_quote_text(t)}? One of: {allowed}": None
            for t in listed
        }
        hidden = sum(n for t, n in others.items() if t not in listed)
        if hidden:
            text = f"{QUESTION} {column.name} has {hidden:,} texts that are no known codes"
            questions[text] = None
    return list(lines), list(questions)


def _is_code(text: str, count: int, counts: Counter[str]) -> bool:
    """Return whether a text is as short and as frequent as codes are, and no date or postcode."""
    is_frequent = count >= MIN_CODE_COUNT or len(counts) * 4 <= counts.total()
    return is_frequent and len(text) <= MAX_CODE_LENGTH and not NO_CODE.search(text)


def _write_mapping(items: dict[str, str | bool | None]) -> str:
    pairs = ", ".join(f"{key}: {_write_scalar(value)}" for key, value in items.items())
    return f"{{{pairs}}}"


def _write_scalar(value: str | bool | None) -> str:
    if isinstance(value, str):
        return value if re.fullmatch(r"[a-z_][a-z0-9_-]*", value) else _quote_text(value)
    return json.dumps(value)


def _quote_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escape_code(text: str) -> str:
    return f'"{text}"' if "," in text else text
