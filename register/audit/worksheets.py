"""Worksheets of an audit sample, one for each case, and a form for the answers.

A worksheet shows the published reports and links of a case, and the files and lines in which
suppliers delivered them. The text of a line names a child, so it is included only on request.
Worksheets are written into the operations zone, encrypted if the home has data keys.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from register.appearance import build_style_sheet
from register.audit.drawn_samples import (
    ANSWERS,
    RESULT_COLUMNS,
    SAMPLE_FILE,
    sample_folder,
    serialise_sample,
)
from register.audit.sampling import Case, Sample
from register.audit.timeline import build_bars, draw_timeline
from register.labels import code_to_words
from register.private_files import write_private
from register.publishing import Generation, SourceLine, open_register, trace_open_id
from register.queries import read_query
from register.settings import Settings
from register.spreadsheet import safe_row
from register.supplier_names import name_supplier

TEMPLATES = Path(__file__).with_name("templates")
# The columns of reports that a worksheet compares, with their labels.
COMPARED_COLUMNS = {
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
    """A case with its published episode, reports and links, and the delivered lines behind them."""

    case: Case
    episode: Row | None
    reports: list[Row]
    links: list[Row]
    lines: tuple[SourceLine, ...]
    reason_name: str


def read_details(generation: Generation, cases: Sequence[Case]) -> list[CaseDetails]:
    """Return what a generation published about each case, in the order of the cases."""
    ids = [case.agreement_id for case in cases]
    with open_register(generation) as connection:
        reports = _group_rows(_query_rows(connection, REPORTS, ids), "agreement_id")
        episodes = _group_rows(_query_rows(connection, EPISODES, ids), "agreement_id")
        children = sorted({row["child_id_register"] for rows in reports.values() for row in rows})
        links = _group_rows(_query_rows(connection, LINKS, children), "child_id_register")
        names = dict(connection.execute(SUPPLIERS).fetchall())
        reasons = dict(connection.execute(REASONS).fetchall())
        traces = {
            identifier: trace_open_id(connection, generation, identifier) for identifier in ids
        }
    return [
        CaseDetails(
            case=case,
            episode=next(iter(episodes[case.agreement_id]), None),
            reports=[
                {**row, "supplier_name": names.get(row["supplier_code"], row["supplier_code"])}
                for row in reports[case.agreement_id]
            ],
            links=_list_links(reports[case.agreement_id], links),
            lines=trace.lines if (trace := traces[case.agreement_id]) else (),
            reason_name=reasons.get(case.reason_code, ""),
        )
        for case in cases
    ]


def _query_rows(connection: duckdb.DuckDBPyConnection, query: str, ids: list[str]) -> list[Row]:
    result = connection.execute(query, {"ids": ids})
    rows: list[Row] = result.to_arrow_table().to_pylist()
    return rows


def _group_rows(rows: list[Row], column: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row[column])].append(row)
    return grouped


def _list_links(reports: list[Row], links: defaultdict[str, list[Row]]) -> list[Row]:
    children = sorted({str(row["child_id_register"]) for row in reports})
    return [link for child in children for link in links[child]]


def write_worksheets(
    settings: Settings, sample: Sample, details: list[CaseDetails], read_line: ReadLine | None
) -> Path:
    """Write a private folder of worksheets, and return the path of its front page.

    `read_line` returns the text of a delivered line. If it is None, worksheets show no delivered
    texts.
    """
    folder = sample_folder(settings, sample.sample_id)
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder.parent.parent, folder.parent, folder):
        path.chmod(0o700)
    pages = _create_environment()
    pages.globals["supplier_name"] = partial(name_supplier, settings.seeds)
    for item in details:
        page = pages.get_template("worksheet.html").render(
            sample=sample,
            details=item,
            timeline=draw_case_timeline(item),
            compared=compare_reports(item),
            answers=ANSWERS,
            texts=None if read_line is None else [read_line(line) for line in item.lines],
        )
        _write_text(settings, folder / f"case-{item.case.case_number:03}.html", page)
    index = folder / "index.html"
    _write_text(
        settings, index, pages.get_template("sample.html").render(sample=sample, details=details)
    )
    _write_text(settings, folder / SAMPLE_FILE, serialise_sample(sample))
    results = folder / "results.csv"
    if not results.exists():
        _write_text(settings, results, _write_form(sample))
    return index


def _create_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = build_style_sheet()
    environment.filters["words"] = code_to_words
    return environment


def draw_case_timeline(details: CaseDetails) -> str:
    """Draw the times of a case as an SVG element. If no start is known, the text is empty."""
    return draw_timeline(build_bars(details.episode, details.reports))


def compare_reports(details: CaseDetails) -> list[tuple[str, list[str]]]:
    """Return a row for each compared column: its label and its value in each report."""
    return [
        (words, [_format_value(report[column]) for report in details.reports])
        for column, words in COMPARED_COLUMNS.items()
    ]


def _format_value(value: Any) -> str:
    if value is None:
        return "\N{EN DASH}"
    if hasattr(value, "strftime"):
        return f"{value:%-d %B %Y, %H:%M}"
    return str(value).replace("_", " ")


def _write_form(sample: Sample) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(RESULT_COLUMNS)
    for case in sample.cases:
        row = [sample.sample_id, str(case.case_number), *[""] * len(ANSWERS)]
        writer.writerow(safe_row(row))
    return stream.getvalue()


def _write_text(settings: Settings, path: Path, text: str) -> None:
    write_private(settings.data_keys, path, text.encode())
