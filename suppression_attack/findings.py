"""The attack on published tables: all public releases combined, with public data only."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from suppression_attack.attack_programme import find_broken_rows
from suppression_attack.attacked_documents import find_in_documents
from suppression_attack.derived_indicators import find_leaks
from suppression_attack.description import DescriptionError
from suppression_attack.published_files import Place, Release, read_release
from suppression_attack.report import Finding, Report
from suppression_attack.search import Intervals, Progress, Search
from suppression_attack.table import Cell, Table, build_table


def attack(
    folders: Sequence[Path],
    true_counts: Sequence[Path] = (),
    progress: Progress = lambda _: None,
    *,
    is_quick: bool = False,
) -> Report:
    """Attack the releases in the folders, earliest first, and return what they give away.

    `true_counts` are CSV files (release, file, time_period, geographic_level, area_code,
    filter_values, measure, value). If a true count is outside its proved interval, a tie is wrong.
    With `is_quick`, the attack stops once single rows prove that some count has too few possible
    values. Such a release is not safe, and may give away more than the report lists. Raises
    `DescriptionError` if a release cannot be read as its ties.yaml says.
    """
    releases = [read_release(folder) for folder in folders]
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
    is_proved_unsafe = is_quick and (intervals.is_narrow(min_values) & search.audited).any()
    if not is_proved_unsafe:
        intervals = search.run()
    report.findings += _find_contradictions(table, search)
    narrow = _find_narrow(table, intervals, min_values)
    report.findings += [
        finding for finding in narrow if not is_proved_unsafe or finding.kind != "undecided"
    ]
    for path in true_counts:
        report.findings += _find_outside_intervals(table, releases, intervals, path)
    report.findings.sort()
    return report


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


def _find_outside_intervals(
    table: Table, releases: list[Release], intervals: Intervals, path: Path
) -> Iterator[Finding]:
    """Yield the true counts that are outside their proved bounds."""
    filters = {
        (release.description.release, name): file.filters
        for release in releases
        for name, file in release.files.items()
    }
    with path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            items = dict(pair.split("=", 1) for pair in line["filter_values"].split(";"))
            order = filters.get((line["release"], line["file"]), ())
            place = Place(line["time_period"], line["geographic_level"], line["area_code"])
            values = tuple(items.get(name, "") for name in order)
            cell = Cell(line["release"], line["file"], place, values, line["measure"])
            number = table.by_cell.get(cell)
            if number is None:
                continue
            count, unknown = float(line["value"]), table.unknowns[number]
            lower = max(unknown.lower, intervals.lower[number])
            upper = min(unknown.upper, intervals.upper[number])
            if not lower <= count <= upper:
                key = cell.describe(order)
                yield Finding(cell.file, key, "truth outside", "its interval is wrong")
