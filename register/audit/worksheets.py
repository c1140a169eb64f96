"""Writes an audit sample into the operations zone: a worksheet a case, and a file for the results.

A worksheet shows what was published. The delivered lines themselves, which name a child, are put
in only when they are asked for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from register.audit.case_details import CaseDetails
from register.audit.results import ANSWERS, RESULT_COLUMNS
from register.audit.sampling import Sample
from register.audit.stored_sample import SAMPLE_FILE, as_json, sample_folder
from register.audit.timeline import bars_of, draw_timeline
from register.publishing.durable import write_whole
from register.publishing.trace import SourceLine
from register.settings import Settings

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
            compared=_compared(found),
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


def _compared(found: CaseDetails) -> list[tuple[str, list[str]]]:
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
        writer.writerow([sample.sample_id, case.case_number, *[""] * len(ANSWERS)])
    return stream.getvalue()


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8"), mode=0o600)
