"""What documents give away beside the data files: figures that these hide, and words on them.

A passage is about the cells whose place, year, items and unit it names. Where the files hide what
it is about, it has no number for it, and compares it with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from suppression_attack.passages import Document, Passage, read_documents
from suppression_attack.published_files import Place, PublishedFile, Release
from suppression_attack.report import Finding
from suppression_attack.subjects import (
    DATES,
    Figure,
    Said,
    Subjects,
    figures_about,
    has_unit,
    named_in,
)
from suppression_attack.table import Cell

SHOWN, SAID, UNKNOWN = "shown in a document", "said of a hidden count", "not in the files"
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")
COMPARED = re.compile(
    r"\b(?:agrees?|differs?|differences?|equal|same|higher|lower|more|less|fewer|few|many|most"
    r"|fewest|largest|smallest|highest|lowest|rose|fell|above|below|unchanged|half|twice)\b",
    re.IGNORECASE,
)
# A number, and what it counts soon after it.
COUNTED = re.compile(rf"({NUMBER.pattern})(%?)((?:\s+[^\s\d.;:]+){{1,4}})")


def document_findings(release: Release) -> list[Finding]:
    """Return what the documents in a release's folder give away of what its files hide."""
    subjects = Subjects(release)
    found: dict[Finding, None] = {}
    for document in read_documents(release.folder):
        for finding in (*_of_sheets(document, subjects), *_of_passages(document, subjects)):
            key = f"{release.description.release}: {finding.key}"
            found[replace(finding, key=key)] = None
    return list(found)


def _nearest(figures: list[Figure]) -> list[Figure]:
    """Those with most items named."""
    most = max((len(each.items) for each in figures), default=0)
    return [each for each in figures if len(each.items) == most]


def _of_passages(document: Document, subjects: Subjects) -> Iterator[Finding]:
    known: dict[str, Said] = {}

    def named(text: str) -> Said:
        if text not in known:
            known[text] = named_in(text, subjects)
        return known[text]

    for passage in document.passages:
        title = named(passage.title)
        if passage.cells:
            yield from _of_row(document, passage, subjects, title, named(passage.around))
        else:
            yield from _of_sentence(document, passage, subjects, title)


def _of_sentence(
    document: Document, passage: Passage, subjects: Subjects, title: Said
) -> Iterator[Finding]:
    """A sentence about a hidden cell: its numbers are those of other cells that it may be about."""
    said = named_in(passage.text, subjects)
    figures = figures_about(subjects, said, title)
    if said.areas:
        yield from _strangers(document, passage.text, said, subjects)
    nearest = _nearest(figures)
    hidden = [each for each in nearest if each.printed in subjects.hidden]
    if not hidden:
        return
    if passage.is_bar:
        if len(hidden) == len(nearest):
            yield _finding(document, subjects, hidden[0], SHOWN, f"a bar: {passage.text}")
        return
    # A label with its number, as a chart has it, names exactly what it is about.
    known = _numbers_of(nearest if ":" in passage.text else figures)
    if [number for number in _numbers(said.left.left) if number not in known]:
        yield _finding(document, subjects, hidden[0], SHOWN, passage.text)
    elif len(hidden) == len(nearest) and said.areas and COMPARED.search(said.left.left):
        yield _finding(document, subjects, hidden[0], SAID, passage.text)


def _strangers(document: Document, text: str, said: Said, subjects: Subjects) -> Iterator[Finding]:
    """Numbers of children or episodes of a named area that no file shows for it."""
    years = said.years or set(subjects.years)
    shown = _numbers_of(
        [
            figure
            for place, figures in subjects.figures.items()
            if (place.level, place.area) in said.areas and place.year in years
            for figure in figures
        ]
    )
    for found in COUNTED.finditer(DATES.sub(" ", text)):
        words = set(re.findall(r"[a-z]+", found[3].lower()))
        is_unit = any(words & set(units) for units in subjects.units.values())
        if is_unit and not found[2] and _number(found[1]) not in shown:
            yield Finding(document.name, text, UNKNOWN, found[1])


def _of_row(
    document: Document, passage: Passage, subjects: Subjects, title: Said, around: Said
) -> Iterator[Finding]:
    """A row: each number is that of the cells that row and heading name, or of none hidden."""
    words = " | ".join(text for _, text in passage.cells if not _is_figure(text))
    whole = named_in(words, subjects)
    has_symbol = any(text.strip("[]`") in subjects.hidden for _, text in passage.cells)
    loose: list[tuple[Figure, bool]] = []
    for heading, text in passage.cells:
        column, own = named_in(heading, subjects), named_in(text, subjects)
        is_tied = bool(column.items or column.areas or column.years)
        is_tied |= has_unit(subjects, column)
        is_label = bool(own.items or own.loose or own.areas) or has_unit(subjects, own)
        if has_symbol and not is_tied and not is_label and whole.areas:
            is_compared = not _is_figure(text) and COMPARED.search(own.left.left)
            if is_compared or _is_number(text):
                yield Finding(document.name, passage.text, SAID, f"{heading}: {text}")
            continue
        if not _is_number(text) or not (is_tied or whole.areas):
            continue
        figures = figures_about(
            subjects, column, whole, title, around, loose=frozenset(whole.loose)
        )
        nearest = _nearest(figures)
        hidden = [each for each in nearest if each.printed in subjects.hidden]
        is_known = _number(text) in _numbers_of(nearest)
        if hidden and is_tied and not is_known:
            yield _finding(document, subjects, hidden[0], SHOWN, passage.text)
        elif hidden and not is_tied:
            loose.append((hidden[0], is_known))
    # Columns that name nothing may be another producer's, beside a figure that the files show.
    if loose and not any(is_known for _, is_known in loose):
        yield _finding(document, subjects, loose[0][0], SHOWN, passage.text)


def _is_figure(text: str) -> bool:
    return _is_number(text) or bool(re.fullmatch(r"\[\w+\]", text))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d,]+(?:\.\d+)?%?", text)) and not re.fullmatch(r"\d{4}", text)


def _number(text: str) -> float:
    return float(text.strip("%").replace(",", ""))


def _numbers(text: str) -> list[float]:
    return [_number(found) for found in NUMBER.findall(text)]


def _numbers_of(figures: list[Figure]) -> set[float]:
    return {_number(each.printed) for each in figures if _is_number(each.printed)} | {
        float(each.printed) for each in figures if each.printed.isdigit()
    }


def _finding(
    document: Document, subjects: Subjects, figure: Figure, kind: str, detail: str
) -> Finding:
    return Finding(document.name, subjects.key(figure), kind, detail)


def _of_sheets(document: Document, subjects: Subjects) -> Iterator[Finding]:
    """Rows of sheets: those of a table are held to the file, the others are sentences."""
    heads: tuple[str, ...] = ()
    file: PublishedFile | None = None
    for row in document.sheets:
        found = _file_of(row, subjects)
        if found is not None:
            heads, file = row, found
            continue
        key = _key_of(row, heads, file, subjects) if file is not None else None
        if file is None or key is None:
            texts = tuple(Passage(each) for each in row if each)
            yield from _of_passages(Document(document.name, texts), subjects)
            continue
        yield from _of_sheet_row(document, row, heads, (file, key), subjects)


def _of_sheet_row(
    document: Document,
    row: tuple[str, ...],
    heads: tuple[str, ...],
    at: tuple[PublishedFile, tuple[Place, tuple[str, ...]]],
    subjects: Subjects,
) -> Iterator[Finding]:
    file, (place, items) = at
    printed = file.rows.get((place, items))
    labels = {subjects.meta[file.name][name].get("label"): name for name in file.indicators}
    for head, text in zip(heads, row, strict=False):
        if head not in labels:
            continue
        cell = Cell(subjects.release.description.release, file.name, place, items, labels[head])
        wanted = printed[labels[head]] if printed else "no such row"
        if not _is_same(text, wanted):
            detail = "hidden in the file" if wanted in subjects.hidden else "not as in the file"
            yield Finding(document.name, cell.named(file.filters), SHOWN, detail)


def _file_of(row: tuple[str, ...], subjects: Subjects) -> PublishedFile | None:
    """The file whose filters and indicators a row names as headings, or None."""
    given = set(row)
    found = [
        (len(labels), name)
        for name, labels in subjects.labels.items()
        if given.issuperset(labels.values())
    ]
    return subjects.release.files[max(found)[1]] if found else None


def _key_of(
    row: tuple[str, ...], heads: tuple[str, ...], file: PublishedFile, subjects: Subjects
) -> tuple[Place, tuple[str, ...]] | None:
    """Place and items of a row of a table, by what stands in it; None for another row."""
    texts = dict(zip(heads, row, strict=False))
    level = next((text for text in row if text in subjects.codes), None)
    year = next((text[:4] for text in row if re.fullmatch(r"\d{4}(?: \[\w+\])?", text)), None)
    area = next((text for text in row if text in subjects.codes.get(level or "", ())), None)
    labels = [subjects.labels[file.name][each] for each in file.filters]
    if level is None or year is None or area is None or any(each not in texts for each in labels):
        return None
    return Place(year, level, area), tuple(texts[each] for each in labels)


def _is_same(text: str, printed: str) -> bool:
    plain = text.removeprefix("[").removesuffix("]")
    if plain == printed:
        return True
    try:
        return float(plain) == float(printed)
    except ValueError:
        return False
