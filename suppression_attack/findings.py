"""The attack on published tables: all public releases combined, with public data only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suppression_attack.attack_programme import find_broken_rows
from suppression_attack.attacked_documents import find_in_documents
from suppression_attack.derived_indicators import find_leaks
from suppression_attack.description import DescriptionError
from suppression_attack.insider_attack import InsiderAttack, list_insiders
from suppression_attack.published_files import Place, Release, read_frames, read_release
from suppression_attack.report import Finding, Report
from suppression_attack.search import Intervals, Progress, Search
from suppression_attack.table import Cell, Table, build_table
from suppression_attack.table_rows import read_csv_rows

# In place of an area: each area that reports counts, one after the other.
EVERY_AREA = "*"


@dataclass(frozen=True)
class Attack:
    """How to attack: what the attacker knows, and how far to go.

    `true_counts` are CSV files (release, file, time_period, geographic_level, area_code,
    filter_values, measure, value). If a true count is outside its proved interval, a tie is wrong.
    Each group of areas in `insiders` is a reader who knows the counts of these areas exactly; with
    `EVERY_AREA`, each area in turn. With `is_quick`, the attack stops once single rows prove that
    some count has too few possible values. Such a release may give away more than the report lists.
    """

    true_counts: Sequence[Path] = ()
    insiders: Sequence[Collection[str]] = ()
    is_quick: bool = False


def attack(
    folders: Sequence[Path],
    true_counts: Sequence[Path] = (),
    progress: Progress = lambda _: None,
    *,
    is_quick: bool = False,
    insiders: Sequence[Collection[str]] = (),
) -> Report:
    """Attack the releases in the folders, earliest first, and return what they give away.

    `Attack` explains the options. Raises `DescriptionError` if a release cannot be read as its
    ties.yaml says.
    """
    releases = [read_release(folder) for folder in folders]
    return _attack_releases(releases, Attack(true_counts, insiders, is_quick), progress)


def attack_frames(
    frames: Mapping[str, Any],
    ties: Mapping[str, Any] | Path,
    progress: Progress = lambda _: None,
    *,
    is_quick: bool = False,
    insiders: Sequence[Collection[str]] = (),
) -> Report:
    """Attack data frames (pandas or Arrow) by file; `ties` is as in ties.yaml, or its path.

    Raises `DescriptionError` if the frames cannot be read as the ties say.
    """
    options = Attack((), insiders, is_quick)
    return _attack_releases([read_frames(frames, ties)], options, progress)


def _attack_releases(releases: list[Release], options: Attack, progress: Progress) -> Report:
    names = [release.description.release for release in releases]
    if len(set(names)) < len(names):
        raise DescriptionError("two folders hold releases of the same name")
    progress("reading the tables")
    table = build_table(releases)
    report = Report(tuple(names))
    _count_cells(report, table)
    report.findings += [Finding("", fault, "fault") for fault in table.faults]
    for release in releases:
        report.findings += find_leaks(release, table)
    report.findings += _find_shown_elsewhere(table)
    progress("reading the documents")
    for release in releases:
        report.findings += find_in_documents(release)
    min_values = max(release.description.fewest_numbers for release in releases)
    search = Search(table, min_values, progress)
    intervals = search.intervals
    is_proved_unsafe = options.is_quick and (intervals.is_narrow(min_values) & search.audited).any()
    if not is_proved_unsafe:
        intervals = search.run()
    report.findings += _find_contradictions(table, search)
    narrow = _find_narrow(table, intervals, min_values)
    report.findings += [
        finding for finding in narrow if not is_proved_unsafe or finding.kind != "undecided"
    ]
    true_counts = _read_true_counts(table, releases, options.true_counts)
    report.findings += _find_outside_intervals(table, intervals, true_counts)
    if options.insiders and not search.impossible:
        known = {number: count for _, number, count in true_counts}
        insider_attack = InsiderAttack(search, known)
        report.findings += _find_insiders(table, insider_attack, options.insiders, report)
    report.findings.sort()
    return report


def _find_insiders(
    table: Table, insider_attack: InsiderAttack, groups: Sequence[Collection[str]], report: Report
) -> Iterator[Finding]:
    """Yield the counts that insiders can narrow down, and count the insiders in the report."""
    if insider_attack.start is None:
        yield Finding("", "insiders", "contradiction", "no counts fit the tables and true counts")
        return
    insiders = [frozenset(group) for group in groups if EVERY_AREA not in group]
    if len(insiders) < len(groups):
        insiders += [each for each in list_insiders(table) if each not in insiders]
    areas = frozenset().union(*(unknown.areas for unknown in table.unknowns))
    if unknown := ", ".join(sorted(frozenset().union(*insiders) - areas)):
        raise DescriptionError(f"insiders of areas that no file has: {unknown}")
    report.insiders = len(insiders)
    for each in insider_attack.run(insiders):
        if table.unknowns[each.unknown].is_complement and each.upper == 0:
            continue
        kind = "insider" if each.is_proved else "undecided"
        detail = f"{each.lower:.0f} to {each.upper:.0f} for {' and '.join(sorted(each.areas))}"
        labels = table.unknowns[each.unknown].hidden_in or [table.unknowns[each.unknown].label]
        yield from (Finding(_file_of(label), label, kind, detail) for label in labels)


def _count_cells(report: Report, table: Table) -> None:
    for unknown in table.unknowns:
        report.complements += unknown.is_complement
        for cell in unknown.cells:
            report.cells[cell.file] += 1
        for label in unknown.hidden_in:
            report.hidden[_file_of(label)] += 1


def _file_of(label: str) -> str:
    """Return the file in a label `release: file: key`."""
    return label.split(": ", 2)[1]


def _find_shown_elsewhere(table: Table) -> Iterator[Finding]:
    for unknown in table.unknowns:
        if unknown.shown_in:
            for label in unknown.hidden_in:
                detail = f"shown in {unknown.shown_in[0]}"
                yield Finding(_file_of(label), label, "shown elsewhere", detail)


def _find_contradictions(table: Table, search: Search) -> list[Finding]:
    findings = []
    for members in search.impossible:
        for member in members:
            unknown = table.unknowns[member]
            if unknown.lower > unknown.upper:
                labels = unknown.shown_in or unknown.hidden_in
                key = (labels or [unknown.label])[0]
                detail = f"one number: {'; '.join(labels)}"
                findings.append(Finding(_file_of(key), key, "contradiction", detail))
        broken_rows = find_broken_rows(search.system, members)
        for row, amount in broken_rows:
            key = table.unknowns[table.rows[row].terms[0][0]].label
            detail = f"{table.rows[row].name}: off by {amount:.1f}"
            findings.append(Finding(_file_of(key), key, "contradiction", detail))
        if not broken_rows and not findings:
            findings.append(Finding("", "a part of the tables", "contradiction", "no count fits"))
    return findings


def _find_narrow(table: Table, intervals: Intervals, min_values: int) -> Iterator[Finding]:
    """Yield counts with too few possible values, and counts for which nothing was proved."""
    is_narrow, is_wide = intervals.is_narrow(min_values), intervals.is_wide(min_values)
    for number, unknown in enumerate(table.unknowns):
        lower, upper = intervals.lower[number], intervals.upper[number]
        can_only_be_zero = unknown.is_complement and upper == 0
        if not unknown.is_audited or is_wide[number] or can_only_be_zero:
            continue
        kind = "undecided"
        if is_narrow[number]:
            kind = "exact" if upper == lower else "too narrow"
        for label in unknown.hidden_in or [unknown.label]:
            yield Finding(_file_of(label), label, kind, f"{lower:.0f} to {upper:.0f}")


TrueCount = tuple[str, int, float]


def _read_true_counts(
    table: Table, releases: list[Release], paths: Sequence[Path]
) -> list[TrueCount]:
    """Return the key, the number of the unknown and the true count of each cell in the files."""
    filters = {
        (release.description.release, name): file.filters
        for release in releases
        for name, file in release.files.items()
    }
    true_counts = []
    for line in (line for path in paths for line in read_csv_rows(path)):
        items = dict(pair.split("=", 1) for pair in line["filter_values"].split(";"))
        order = filters.get((line["release"], line["file"]), ())
        place = Place(line["time_period"], line["geographic_level"], line["area_code"])
        values = tuple(items.get(name, "") for name in order)
        cell = Cell(line["release"], line["file"], place, values, line["measure"])
        number = table.by_cell.get(cell)
        if number is not None:
            true_counts.append((cell.describe(order), number, float(line["value"])))
    return true_counts


def _find_outside_intervals(
    table: Table, intervals: Intervals, true_counts: Sequence[TrueCount]
) -> Iterator[Finding]:
    """Yield the true counts that are outside their proved bounds."""
    for key, number, count in true_counts:
        unknown = table.unknowns[number]
        lower = max(unknown.lower, intervals.lower[number])
        upper = min(unknown.upper, intervals.upper[number])
        if not lower <= count <= upper:
            yield Finding(unknown.cells[0].file, key, "truth outside", "its interval is wrong")
