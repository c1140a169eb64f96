"""The worksheets of an audit sample: one a case, and a form for the results.

A worksheet shows what was published about a case: reports, links and the places of the lines
behind them. The delivered lines themselves, which name a child, are put in only when they are
asked for. Written into the operations zone.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from register.audit.drawn_samples import (
    ANSWERS,
    RESULT_COLUMNS,
    SAMPLE_FILE,
    as_json,
    sample_folder,
)
from register.audit.sampling import Case, Sample
from register.audit.timeline import bars_of, draw_timeline
from register.durable import write_whole
from register.publishing import Generation, SourceLine, Trace, open_register, trace_open_id
from register.queries import read_query
from register.settings import Settings
from register.spreadsheet import safe_row

TEMPLATES = Path(__file__).with_name("templates")
# What both sources are compared by: column of a report and its words.
COMPARED = {
    "source": "Source",
    "category_code": "Category",
    "started_at": "Went missing",
    "start_precision": "Start known to the",
    "ended_at": "Returned or found",
    "end_precision": "End known to the",
    "reported_at": "Reported",
    "risk_initial_code": "Initial risk",
    "location_type_code": "Kind of place",
    "looked_after_flag_code": "Looked-after flag",
    "version_count": "Versions delivered",
}
ReadLine = Callable[[SourceLine], str]
Row = dict[str, Any]
REPORTS = read_query(__package__, "reports")
EPISODES = read_query(__package__, "episodes")
LINKS = read_query(__package__, "links")
SUPPLIERS = "select supplier_code, supplier_name from register.dim_suppliers"
REASONS = "select reason_code, reason_name from register.dim_reasons"


@dataclass(frozen=True)
class CaseDetails:
    """One case with its reports, its links and the delivered lines behind them."""

    case: Case
    episode: Row | None
    reports: list[Row]
    links: list[Row]
    lines: tuple[SourceLine, ...]
    reason_name: str


def read_details(generation: Generation, sample: Sample) -> list[CaseDetails]:
    """Read the details of every case of a sample, in the order of its numbers."""
    ids = [case.row.agreement_id for case in sample.cases]
    with open_register(generation) as connection:
        reports = _by(_rows(connection, REPORTS, ids), "agreement_id")
        episodes = _by(_rows(connection, EPISODES, ids), "agreement_id")
        children = sorted({row["child_id_register"] for rows in reports.values() for row in rows})
        links = _by(_rows(connection, LINKS, children), "child_id_register")
        names = {row["supplier_code"]: row["supplier_name"] for row in _rows(connection, SUPPLIERS)}
        reasons = {row["reason_code"]: row["reason_name"] for row in _rows(connection, REASONS)}
        traces = {
            identifier: trace_open_id(connection, generation, identifier) for identifier in ids
        }
    return [
        CaseDetails(
            case=case,
            episode=next(iter(episodes[case.row.agreement_id]), None),
            reports=[
                {**row, "supplier_name": names.get(row["supplier_code"], row["supplier_code"])}
                for row in reports[case.row.agreement_id]
            ],
            links=_links_of(reports[case.row.agreement_id], links),
            lines=_lines(traces[case.row.agreement_id]),
            reason_name=reasons.get(case.row.reason_code, ""),
        )
        for case in sample.cases
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, ids: list[str] | None = None
) -> list[Row]:
    found = connection.execute(query, {"ids": ids} if ids is not None else None)
    rows: list[Row] = found.to_arrow_table().to_pylist()
    return rows


def _by(rows: list[Row], column: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row[column])].append(row)
    return grouped


def _links_of(reports: list[Row], links: defaultdict[str, list[Row]]) -> list[Row]:
    children = sorted({str(row["child_id_register"]) for row in reports})
    return [link for child in children for link in links[child]]


def _lines(trace: Trace | None) -> tuple[SourceLine, ...]:
    return () if trace is None else trace.lines


def write_worksheets(
    settings: Settings, sample: Sample, details: list[CaseDetails], read_line: ReadLine | None
) -> Path:
    """Write the sample's folder, which only its owner may open, and return its front page."""
    folder = sample_folder(settings, sample.sample_id)
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder.parent.parent, folder.parent, folder):
        path.chmod(0o700)
    pages = _environment()
    for found in details:
        page = pages.get_template("worksheet.html").render(
            sample=sample,
            details=found,
            timeline=draw_timeline(bars_of(found.episode, found.reports)),
            compared=compare_reports(found),
            answers=ANSWERS,
            texts=None if read_line is None else [read_line(line) for line in found.lines],
        )
        _write(folder / f"case-{found.case.case_number:03}.html", page)
    index = folder / "index.html"
    _write(index, pages.get_template("sample.html").render(sample=sample, details=details))
    _write(folder / SAMPLE_FILE, as_json(sample))
    results = folder / "results.csv"
    if not results.exists():
        _write(results, _results_form(sample))
    return index


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def compare_reports(found: CaseDetails) -> list[tuple[str, list[str]]]:
    """A row a field, a cell a report."""
    return [
        (words, [_text(report[column]) for report in found.reports])
        for column, words in COMPARED.items()
    ]


def _text(value: Any) -> str:
    if value is None:
        return "\N{EN DASH}"
    if hasattr(value, "strftime"):
        return f"{value:%-d %B %Y, %H:%M}"
    return str(value).replace("_", " ")


def _results_form(sample: Sample) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(RESULT_COLUMNS)
    for case in sample.cases:
        row = [sample.sample_id, str(case.case_number), *[""] * len(ANSWERS)]
        writer.writerow(safe_row(row))
    return stream.getvalue()


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8"), mode=0o600)
