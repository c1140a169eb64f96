"""An attack on published tables: all open releases, all files, nothing but what is public."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from suppression_attack.attacked_documents import document_findings
from suppression_attack.contradictions import breaches
from suppression_attack.derived_indicators import leaks
from suppression_attack.description import DescriptionError
from suppression_attack.intervals import Intervals
from suppression_attack.published_files import Place, Release, read_release
from suppression_attack.report import Finding, Report
from suppression_attack.search import Progress, Search
from suppression_attack.suppression_rules import apply_rules
from suppression_attack.table import Cell, Table, build_table


def attack(
    folders: Sequence[Path],
    true: Sequence[Path] = (),
    progress: Progress = lambda _: None,
    *,
    is_quick: bool = False,
) -> Report:
    """Attack the releases in folders, earliest first.

    `is_quick`: where rows one by one prove that something is too narrow, stop at that. Such a
    release is not safe, and what else it gives away was not looked for: findings are the fewest.

    `true` are files of true counts (release, file, time_period, geographic_level, area_code,
    filter_values, measure, value): each must lie in its interval, or a tie is wrong. Raises
    `DescriptionError` where a release cannot be read as its ties.yaml says.
    """
    releases = [read_release(folder) for folder in folders]
    names = [release.description.release for release in releases]
    if len(set(names)) < len(names):
        raise DescriptionError("two folders hold a release of one name")
    progress("reading the tables")
    table = build_table(releases)
    apply_rules(table, releases)
    report = Report(tuple(names))
    _count(report, table)
    report.findings += [Finding("", each, "fault") for each in table.faults]
    for release in releases:
        for leak in leaks(release, table):
            report.findings.append(Finding(leak.file, leak.cell, "true counts", leak.reason))
    report.findings += _shown_elsewhere(table)
    progress("reading the documents")
    for release in releases:
        report.findings += document_findings(release)
    fewest = max(release.description.fewest_numbers for release in releases)
    search = Search(table, fewest, progress)
    found = search.rows() if is_quick else None
    is_found = found is not None and bool((found.is_narrow(fewest) & search.audited).any())
    if found is None or not is_found:
        found = search.run()
    report.findings += _contradictions(table, search)
    narrow = _narrow(table, found, fewest)
    report.findings += [each for each in narrow if not is_found or each.kind != "undecided"]
    for path in true:
        report.findings += _outside(table, releases, found, path)
    report.findings.sort()
    return report


def _count(report: Report, table: Table) -> None:
    for unknown in table.unknowns:
        report.complements += unknown.is_complement
        for cell in unknown.cells:
            report.cells[cell.file] += 1
        for name in unknown.hidden_in:
            report.hidden[_file(name)] += 1


def _file(label: str) -> str:
    """The file of a label `release: file: key`."""
    return label.split(": ", 2)[1]


def _shown_elsewhere(table: Table) -> list[Finding]:
    return [
        Finding(_file(name), name, "shown elsewhere", f"shown in {unknown.shown_in[0]}")
        for unknown in table.unknowns
        if unknown.shown_in
        for name in unknown.hidden_in
    ]


def _contradictions(table: Table, search: Search) -> list[Finding]:
    found = []
    for members in search.impossible:
        for each in members:
            unknown = table.unknowns[each]
            if unknown.lower > unknown.upper:
                names = "; ".join(unknown.shown_in or unknown.hidden_in)
                key = (unknown.shown_in or unknown.hidden_in or [unknown.label])[0]
                found.append(Finding(_file(key), key, "contradiction", f"one number: {names}"))
        broken = breaches(search.system, members)
        for row, amount in broken:
            name = table.rows[row].name
            unknown = table.unknowns[table.rows[row].terms[0][0]]
            detail = f"{name}: off by {amount:.1f}"
            found.append(Finding(_file(unknown.label), unknown.label, "contradiction", detail))
        if not broken and not found:
            found.append(Finding("", "a part of the tables", "contradiction", "no count fits"))
    return found


def _narrow(table: Table, found: Intervals, fewest: int) -> list[Finding]:
    """Counts with too few values, and those of which neither that nor the opposite is proved."""
    findings = []
    narrow, wide = found.is_narrow(fewest), found.is_wide(fewest)
    for each, unknown in enumerate(table.unknowns):
        only_zero = unknown.is_complement and found.upper[each] == 0
        if not unknown.is_audited or wide[each] or only_zero:
            continue
        kind = "undecided"
        if narrow[each]:
            kind = "exact" if found.upper[each] == found.lower[each] else "too narrow"
        detail = f"{found.lower[each]:.0f} to {found.upper[each]:.0f}"
        for name in unknown.hidden_in or [unknown.label]:
            findings.append(Finding(_file(name), name, kind, detail))
    return findings


def _outside(table: Table, releases: list[Release], found: Intervals, path: Path) -> list[Finding]:
    """True counts that do not lie between the ends that were proved for them."""
    findings = []
    filters = {
        (release.description.release, name): file.filters
        for release in releases
        for name, file in release.files.items()
    }
    with path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            items = dict(each.split("=", 1) for each in line["filter_values"].split(";"))
            order = filters.get((line["release"], line["file"]), ())
            place = Place(line["time_period"], line["geographic_level"], line["area_code"])
            chosen = tuple(items.get(name, "") for name in order)
            cell = Cell(line["release"], line["file"], place, chosen, line["measure"])
            at = table.by_cell.get(cell)
            if at is None:
                continue
            value = float(line["value"])
            unknown = table.unknowns[at]
            inside = unknown.lower <= value <= unknown.upper
            inside &= bool(found.lower[at] <= value <= found.upper[at])
            if not inside:
                key = cell.named(order)
                findings.append(Finding(cell.file, key, "truth outside", "its interval is wrong"))
    return findings
