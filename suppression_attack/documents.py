"""What documents give away beside the data files: figures that these hide, and words on them.

A passage is about the cells whose place, year, items and unit it names. Where the files hide what
it is about, it has no number for it, and compares it with nothing.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from suppression_attack.passages import Document, Passage, read_documents
from suppression_attack.published import Place, PublishedFile, Release
from suppression_attack.report import Finding
from suppression_attack.table import Cell

SHOWN, SAID, UNKNOWN = "shown in a document", "said of a hidden count", "not in the files"
TOTAL = "Total"
UNIT = re.compile(r"(?:number|percentage|share) of ([\w ]+)", re.IGNORECASE)
# What documents call what a file counts, besides its own word.
SYNONYMS = (
    ("child", "children"),
    ("episode", "episodes", "incident", "incidents", "absence", "absences"),
)
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")
CODE = re.compile(r"\S*[_/`]\S*")
SCHOOL_YEAR = re.compile(r"\b(\d{4})[-/](\d{2})\b")
DATES = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)(?: \d{4})?|\b\d{1,2}:\d{2}|\b\d+% (?:confidence )?interval",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:agrees?|differs?|differences?|equal|same|higher|lower|more|less|fewer|few|many|most"
    r"|fewest|largest|smallest|highest|lowest|rose|fell|above|below|unchanged|half|twice)\b",
    re.IGNORECASE,
)
# A number, and what it counts soon after it.
COUNTED = re.compile(rf"({NUMBER.pattern})(%?)((?:\s+[^\s\d.;:]+){{1,4}})")


def document_findings(release: Release) -> list[Finding]:
    """Return what the documents in a release's folder give away of what its files hide."""
    subjects = _Subjects(release)
    found: dict[Finding, None] = {}
    for document in read_documents(release.folder):
        for finding in (*_of_sheets(document, subjects), *_of_passages(document, subjects)):
            key = f"{release.description.release}: {finding.key}"
            found[replace(finding, key=key)] = None
    return list(found)


@dataclass(frozen=True)
class Figure:
    """A cell with what its file prints and the items by which a passage names it."""

    cell: Cell
    printed: str
    items: frozenset[tuple[str, str]]


class _Subjects:
    """The cells of a release by the words that name them."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.hidden = release.description.hidden
        self.meta = {
            name: {row["col_name"]: row for row in _lines(release, f"{name}.meta.csv")}
            for name in release.files
        }

    @cached_property
    def areas(self) -> dict[str, set[tuple[str, str]]]:
        """Level and code of each area by its name."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        columns = self.release.description.area_columns
        for name in self.release.files:
            for row in _lines(self.release, f"{name}.csv"):
                level = row["geographic_level"]
                area = _name_of(row, columns[level])
                found[_plain(area)].add((level, row[columns[level]]))
        return {name: places for name, places in found.items() if name}

    @cached_property
    def items(self) -> dict[str, set[tuple[str, str]]]:
        """Filter and item by the item's name, without those that are default."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for file in self.release.files.values():
            for _, items in file.rows:
                for pair in self.chosen(file, items):
                    found[_plain(pair[1])].add(pair)
        return found

    def chosen(self, file: PublishedFile, items: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """The items of a row that are not the default of their filters."""
        return frozenset(
            (name, item)
            for name, item in zip(file.filters, items, strict=True)
            if item not in {TOTAL, self._default(file.name, name)}
        )

    def _default(self, file: str, name: str) -> str:
        row = self.meta[file].get(name, {})
        return row.get("filter_default") or TOTAL

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years of all files, earliest first."""
        files = self.release.files.values()
        return tuple(sorted({place.year for file in files for place, _ in file.rows}))

    @cached_property
    def figures(self) -> dict[Place, list[Figure]]:
        """Every figure that is about people, by place and year."""
        found: dict[Place, list[Figure]] = defaultdict(list)
        said = self.release.description
        groups = {
            row.get("filter_grouping_column", "") for m in self.meta.values() for row in m.values()
        }
        for file in self.release.files.values():
            for (place, items), figures in file.rows.items():
                named = frozenset(p for p in self.chosen(file, items) if p[0] not in groups)
                for measure, printed in figures.items():
                    if measure not in said.open_measures[file.name]:
                        cell = Cell(said.release, file.name, place, items, measure)
                        found[place].append(Figure(cell, printed, named))
        return found

    @cached_property
    def units(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The words for what an indicator counts, by file and indicator."""
        found = {}
        for file, rows in self.meta.items():
            for name, row in rows.items():
                unit = UNIT.search(row.get("label") or "")
                if unit:
                    found[file, name] = _unit_words(unit[1].lower().split())
        return found

    @cached_property
    def codes(self) -> dict[str, set[str]]:
        """The codes of areas by level."""
        found: dict[str, set[str]] = defaultdict(set)
        for places in self.areas.values():
            for level, code in places:
                found[level].add(code)
        return found

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """The label of each filter and indicator, by file."""
        return {
            name: {
                column: self.meta[name].get(column, {}).get("label") or column
                for column in (*file.filters, *file.indicators)
            }
            for name, file in self.release.files.items()
        }

    def key(self, figure: Figure) -> str:
        """The key of a figure in words."""
        return figure.cell.named(self.release.files[figure.cell.file].filters)


def _unit_words(words: list[str]) -> tuple[str, ...]:
    """What texts call the first unit among the words of a label; else its first word."""
    for word in words:
        for group in SYNONYMS:
            if word in group:
                return group
    return (words[0],)


def _lines(release: Release, name: str) -> Iterator[dict[str, str]]:
    data = release.folder / "data" if (release.folder / "data").is_dir() else release.folder
    with (data / name).open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _name_of(row: dict[str, str], code: str) -> str:
    """The name beside a code: `la_name` beside `old_la_code`, or nothing."""
    stem = code.removesuffix("_code")
    for column in (f"{stem}_name", f"{stem.partition('_')[2]}_name"):
        if row.get(column):
            return row[column]
    return ""


def _plain(text: str) -> str:
    """A text as words in lower case, so that names are found in it."""
    return " ".join(re.sub(r"[^\w%.,]+", " ", text.lower()).replace(", ", " ").split())


class _Words:
    """A text from which names are taken one by one, the longest first."""

    def __init__(self, text: str) -> None:
        self.left = f" {re.sub(r'[.,](?= )', '', _plain(text) + ' ')}"

    def take(self, names: dict[str, set[tuple[str, str]]]) -> set[tuple[str, str]]:
        """The meanings of all names in the text; the names are gone from it then."""
        found: set[tuple[str, str]] = set()
        for name in sorted(names, key=len, reverse=True):
            padded = f" {name} "
            if padded in self.left:
                found |= names[name]
                self.left = self.left.replace(padded, "  ").replace("  ", " | ")
        return found

    def has(self, words: tuple[str, ...]) -> bool:
        """Whether one of some words is left in the text."""
        return bool(set(words) & set(re.split(r"[^a-z]+", self.left)))


@dataclass
class _Said:
    """What a text names: areas, items, years; and the words that are left.

    `loose` are items of one word, which is a word of many sentences too.
    """

    areas: set[tuple[str, str]]
    items: set[tuple[str, str]]
    loose: set[tuple[str, str]]
    years: set[str]
    left: _Words


def _named(text: str, subjects: _Subjects) -> _Said:
    without_codes = CODE.sub(" ", SCHOOL_YEAR.sub(lambda m: str(int(m[1]) + 1), text))
    years = {year for year in subjects.years if re.search(rf"\b{year}\b", without_codes)}
    words = _Words(DATES.sub(" ", without_codes))
    areas = words.take(subjects.areas)
    # A label, such as "North East, Police only: 40", has each of its names for itself.
    labels = {_plain(part) for part in re.split(r"[,:|]", without_codes)}
    exact = {pair for name, pairs in subjects.items.items() if name in labels for pair in pairs}
    items = exact | words.take({n: pairs for n, pairs in subjects.items.items() if " " in n})
    of_one = {n: pairs for n, pairs in subjects.items.items() if " " not in n}
    loose = words.take({n: pairs for n, pairs in of_one.items() if not n.isdigit()})
    for year in years:
        words.left = words.left.replace(f" {year} ", " ")
    return _Said(areas, items, loose - items, years, words)


def _about(
    subjects: _Subjects, *texts: _Said, loose: frozenset[tuple[str, str]] = frozenset()
) -> list[Figure]:
    """The figures that texts name, the nearest text first: what it names holds for the others."""
    areas = next((each.areas for each in texts if each.areas), None)
    years = next((each.years for each in texts if each.years), {subjects.years[-1]})
    units = next((each for each in texts if _has_unit(subjects, each)), None)
    if units is None:
        return []
    items: set[tuple[str, str]] = set()
    for each in texts:
        known = {name for name, _ in items}
        items |= {pair for pair in each.items if pair[0] not in known}
    found = []
    for place, figures in subjects.figures.items():
        is_there = (place.level, place.area) in areas if areas else place.level == "National"
        if is_there and place.year in years:
            found += [
                figure
                for figure in figures
                if figure.items <= items | loose
                and len(figure.items - items) <= 1
                and units.left.has(subjects.units.get((figure.cell.file, figure.cell.measure), ()))
            ]
    return found


def _has_unit(subjects: _Subjects, said: _Said) -> bool:
    return any(said.left.has(words) for words in subjects.units.values())


def _nearest(figures: list[Figure]) -> list[Figure]:
    """Those with most items named."""
    most = max((len(each.items) for each in figures), default=0)
    return [each for each in figures if len(each.items) == most]


def _of_passages(document: Document, subjects: _Subjects) -> Iterator[Finding]:
    known: dict[str, _Said] = {}

    def named(text: str) -> _Said:
        if text not in known:
            known[text] = _named(text, subjects)
        return known[text]

    for passage in document.passages:
        title = named(passage.title)
        if passage.cells:
            yield from _of_row(document, passage, subjects, title, named(passage.around))
        else:
            yield from _of_sentence(document, passage, subjects, title)


def _of_sentence(
    document: Document, passage: Passage, subjects: _Subjects, title: _Said
) -> Iterator[Finding]:
    """A sentence about a hidden cell: its numbers are those of other cells that it may be about."""
    said = _named(passage.text, subjects)
    figures = _about(subjects, said, title)
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


def _strangers(
    document: Document, text: str, said: _Said, subjects: _Subjects
) -> Iterator[Finding]:
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
    document: Document, passage: Passage, subjects: _Subjects, title: _Said, around: _Said
) -> Iterator[Finding]:
    """A row: each number is that of the cells that row and heading name, or of none hidden."""
    words = " | ".join(text for _, text in passage.cells if not _is_figure(text))
    whole = _named(words, subjects)
    has_symbol = any(text.strip("[]`") in subjects.hidden for _, text in passage.cells)
    loose: list[tuple[Figure, bool]] = []
    for heading, text in passage.cells:
        column, own = _named(heading, subjects), _named(text, subjects)
        is_tied = bool(column.items or column.areas or column.years)
        is_tied |= _has_unit(subjects, column)
        is_label = bool(own.items or own.loose or own.areas) or _has_unit(subjects, own)
        if has_symbol and not is_tied and not is_label and whole.areas:
            is_compared = not _is_figure(text) and COMPARED.search(own.left.left)
            if is_compared or _is_number(text):
                yield Finding(document.name, passage.text, SAID, f"{heading}: {text}")
            continue
        if not _is_number(text) or not (is_tied or whole.areas):
            continue
        figures = _about(subjects, column, whole, title, around, loose=frozenset(whole.loose))
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
    document: Document, subjects: _Subjects, figure: Figure, kind: str, detail: str
) -> Finding:
    return Finding(document.name, subjects.key(figure), kind, detail)


def _of_sheets(document: Document, subjects: _Subjects) -> Iterator[Finding]:
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
    subjects: _Subjects,
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


def _file_of(row: tuple[str, ...], subjects: _Subjects) -> PublishedFile | None:
    """The file whose filters and indicators a row names as headings, or None."""
    given = set(row)
    found = [
        (len(labels), name)
        for name, labels in subjects.labels.items()
        if given.issuperset(labels.values())
    ]
    return subjects.release.files[max(found)[1]] if found else None


def _key_of(
    row: tuple[str, ...], heads: tuple[str, ...], file: PublishedFile, subjects: _Subjects
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
