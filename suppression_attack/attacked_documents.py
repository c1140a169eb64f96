"""Leaks in documents beside the data files: hidden figures, and statements about these figures.

A passage is about the cells whose place, year, items and unit it names. If the files hide all of
these cells, the passage must neither give a number for them nor compare them with anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from suppression_attack.compared_tables import SHOWN, compare_tables
from suppression_attack.document_files import read_documents
from suppression_attack.passages import Passage
from suppression_attack.published_files import Release
from suppression_attack.report import Finding
from suppression_attack.subjects import (
    DATES,
    RATE_UNITS,
    Figure,
    Mentions,
    Subjects,
    find_figures,
    find_mentions,
    mentions_unit,
)

# The other kinds of findings.
COMPARED, UNKNOWN = "said of a hidden count", "not in the files"
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")
COMPARISON = re.compile(
    r"\b(?:agrees?|differs?|differences?|equal|same|higher|lower|more|less|fewer|few|many|most"
    r"|fewest|largest|smallest|highest|lowest|rose|fell|above|below|unchanged|half|twice)\b",
    re.IGNORECASE,
)
# A number with up to four words after it, which may name what the number counts.
COUNT = re.compile(rf"({NUMBER.pattern})(%?)((?:\s+[^\s\d.;:]+){{1,4}})")


def find_in_documents(release: Release) -> list[Finding]:
    """Return what the documents in a release's folder reveal about figures that its files hide."""
    subjects = Subjects(release)
    findings: dict[Finding, None] = {}
    if release.folder is None:
        return []
    sources = (file.source for file in release.description.files.values())
    # A spreadsheet is read as a document too: it may have more sheets than the data.
    data_files = {source for source in sources if source.endswith(".csv")}
    for document in read_documents(release.folder, data_files):
        table_findings, other_rows = compare_tables(document, subjects)
        passages = (*other_rows, *document.passages)
        for finding in (*table_findings, *_check_passages(document.name, passages, subjects)):
            key = f"{release.description.release}: {finding.key}"
            findings[replace(finding, key=key)] = None
    return list(findings)


def _check_passages(
    document: str, passages: tuple[Passage, ...], subjects: Subjects
) -> Iterator[Finding]:
    for passage in passages:
        title = find_mentions(passage.title, subjects)
        if passage.cells:
            section = find_mentions(passage.section, subjects)
            yield from _check_row(document, passage, subjects, title, section)
        else:
            yield from _check_sentence(document, passage, subjects, title)


def _select_closest(figures: list[Figure]) -> list[Figure]:
    """Return the figures with the most items that the passage names."""
    most = max((len(figure.items) for figure in figures), default=0)
    return [figure for figure in figures if len(figure.items) == most]


def _check_sentence(
    document: str, passage: Passage, subjects: Subjects, title: Mentions
) -> Iterator[Finding]:
    """Yield the hidden figures that a sentence reveals.

    A number in the sentence is no leak if it belongs to another cell that the sentence names. A
    sentence that names no place, year or item is about every total of the nation.
    """
    mentions = find_mentions(passage.text, subjects)
    figures = find_figures(subjects, mentions, title)
    if mentions.areas:
        yield from _find_unknown_numbers(document, passage.text, mentions, subjects)
    closest = _select_closest(figures)
    hidden = [figure for figure in closest if figure.printed in subjects.hidden]
    if not hidden:
        return
    key = subjects.describe_figure(hidden[0])
    # A word such as "missing" may name an item, so the sentence may be about this item's figures.
    ambiguous = frozenset(mentions.ambiguous_items)
    named = find_figures(subjects, mentions, title, extra_items=ambiguous)
    about = [*closest, *_select_closest(named)]
    is_only_hidden = all(figure.printed in subjects.hidden for figure in about)
    if not (is_only_hidden or mentions.areas or mentions.years or mentions.items):
        return
    if passage.is_bar:
        if is_only_hidden:
            yield Finding(document, key, SHOWN, f"a bar: {passage.text}")
        return
    # A chart's label has a colon and names exactly one figure, so only the closest figures are
    # compared.
    printed = _printed_numbers(closest if ":" in passage.text else named)
    remaining = mentions.remaining.text
    numbers = {_parse_number(number) for number in NUMBER.findall(remaining)}
    if numbers - printed:
        yield Finding(document, key, SHOWN, passage.text)
    elif is_only_hidden and mentions.areas and COMPARISON.search(remaining):
        yield Finding(document, key, COMPARED, passage.text)


def _find_unknown_numbers(
    document: str, text: str, mentions: Mentions, subjects: Subjects
) -> Iterator[Finding]:
    """Yield numbers of children or episodes of a named area that no file shows for that area."""
    numbers = {}
    for count in COUNT.finditer(RATE_UNITS.sub(" ", DATES.sub(" ", text))):
        is_unit = not subjects.unit_words.isdisjoint(re.findall(r"[a-z]+", count[3].lower()))
        if is_unit and not count[2]:
            numbers[count[1]] = _parse_number(count[1])
    if not numbers:
        return
    years = mentions.years or set(subjects.years)
    printed = _printed_numbers(
        [
            figure
            for place, figures in subjects.figures.items()
            if (place.level, place.area) in mentions.areas and place.year in years
            for figure in figures
        ]
    )
    for number, value in numbers.items():
        if value not in printed:
            yield Finding(document, text, UNKNOWN, number)


def _check_row(
    document: str, passage: Passage, subjects: Subjects, title: Mentions, section: Mentions
) -> Iterator[Finding]:
    """Yield the hidden figures that a table row reveals.

    Each number belongs to the cells that its row and its column heading name.
    """
    labels = " | ".join(text for _, text in passage.cells if not _is_figure(text))
    row = find_mentions(labels, subjects)
    has_symbol = any(text.strip("[]`") in subjects.hidden for _, text in passage.cells)
    in_unnamed_columns: list[tuple[Figure, bool]] = []
    for heading, text in passage.cells:
        column, own = find_mentions(heading, subjects), find_mentions(text, subjects)
        is_named = bool(column.items or column.areas or column.years)
        is_named |= mentions_unit(subjects, column)
        is_label = bool(own.items or own.ambiguous_items or own.areas)
        is_label |= mentions_unit(subjects, own)
        if has_symbol and not is_named and not is_label and row.areas:
            is_compared = not _is_figure(text) and COMPARISON.search(own.remaining.text)
            if is_compared or _is_number(text):
                yield Finding(document, passage.text, COMPARED, f"{heading}: {text}")
            continue
        if not _is_number(text) or not (is_named or row.areas):
            continue
        figures = find_figures(
            subjects, column, row, title, section, extra_items=frozenset(row.ambiguous_items)
        )
        closest = _select_closest(figures)
        hidden = [figure for figure in closest if figure.printed in subjects.hidden]
        named = find_figures(
            subjects,
            *(column, row, title, section),
            extra_items=frozenset(row.ambiguous_items | column.ambiguous_items),
        )
        is_printed = _parse_number(text) in _printed_numbers([*closest, *_select_closest(named)])
        if hidden and is_named and not is_printed:
            yield Finding(document, subjects.describe_figure(hidden[0]), SHOWN, passage.text)
        elif hidden and not is_named:
            in_unnamed_columns.append((hidden[0], is_printed))
    # A number in an unnamed column may be another producer's figure. It counts as a finding only if
    # no number in the row's unnamed columns agrees with the files.
    if in_unnamed_columns and not any(is_printed for _, is_printed in in_unnamed_columns):
        key = subjects.describe_figure(in_unnamed_columns[0][0])
        yield Finding(document, key, SHOWN, passage.text)


def _is_figure(text: str) -> bool:
    return _is_number(text) or bool(re.fullmatch(r"\[\w+\]", text))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d,]+(?:\.\d+)?%?", text)) and not re.fullmatch(r"\d{4}", text)


def _parse_number(text: str) -> float:
    return float(text.strip("%").replace(",", ""))


def _printed_numbers(figures: list[Figure]) -> set[float]:
    texts = (figure.printed for figure in figures)
    return {_parse_number(text) for text in texts if _is_number(text) or text.isdigit()}
