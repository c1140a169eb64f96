"""The report of an attack as one page, which shows the progress before; it loads nothing else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from suppression_attack.report import Finding, Report

# Seconds between two states of the page of an attack that goes on.
REFRESH_SECONDS = 5
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem;
  color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #767676;
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.verdict { border-left: .5rem solid; padding: .5rem 1rem; font-size: 1.25rem; }
.safe { border-color: #00703c; } .unsafe { border-color: #b10e1e; }
.scrolled { overflow-x: auto; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; }
  thead { display: table-header-group; } tr { break-inside: avoid; } }
"""
MEANINGS = {
    "exact": "Only one value is possible.",
    "too narrow": "Too few values are possible.",
    "insider": "Too few values are possible for readers who know an area's own counts.",
    "undecided": "The attack proved neither that the count is too narrow nor that it is wide.",
    "true counts": "A figure was not computed from the shown counts.",
    "shown elsewhere": "A count is hidden in one file and shown in another.",
    "contradiction": "No counts fit all figures: a tie or a rounding unit is wrong.",
    "shown in a document": "A document shows a figure that the data file hides, or another one.",
    "said of a hidden count": "A document compares a hidden count with something.",
    "not in the files": "A sentence gives a number that no file shows for the area.",
    "fault": "A tie matches no cell, a cell is missing, or a figure is no multiple of its unit.",
    "truth outside": "A true count is outside its interval: a tie is wrong.",
}


def build_page(report: Report) -> str:
    """Return the report as a page of HTML."""
    kinds = Counter(finding.kind for finding in report.findings)
    verdict = "Nothing is given away" if report.is_safe else "Not safe to publish"
    parts = [
        f"<p class='verdict {'safe' if report.is_safe else 'unsafe'}'><strong>{verdict}.</strong> "
        f"{sum(report.hidden.values()):,} of {sum(report.cells.values()):,} counts are hidden. "
        f"{len(report.exact):,} are exact, and {len(report.too_narrow):,} too narrow. "
        f"Insiders tried: {report.insiders:,}.</p>",
        _build_files(report),
    ]
    for kind, count in sorted(kinds.items()):
        findings = [finding for finding in report.findings if finding.kind == kind]
        parts.append(f"<h2>{escape(kind.capitalize())}: {count:,}</h2>")
        parts.append(f"<p>{escape(MEANINGS.get(kind, ''))}</p>{_build_findings(kind, findings)}")
    return _build_document(f"{verdict}: {', '.join(report.releases)}", parts)


def _build_files(report: Report) -> str:
    narrow, exact = (
        Counter(finding.file for finding in findings)
        for findings in (report.too_narrow, report.exact)
    )
    rows = [
        (name, count, report.hidden[name], narrow[name], exact[name])
        for name, count in sorted(report.cells.items())
    ]
    return _build_table("Counts by file", ("File", "Counts", "Hidden", "Too narrow", "Exact"), rows)


def _build_findings(kind: str, findings: Iterable[Finding]) -> str:
    rows = [(finding.file, finding.key, finding.detail) for finding in findings]
    return _build_table(f"Findings of the kind {kind}", ("File", "Count or text", "Detail"), rows)


def _build_table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    lines = [_build_row([("th scope='col'", text) for text in headings])]
    body = [
        _build_row([("th scope='row'", row[0]), *(("td", value) for value in row[1:])])
        for row in rows
    ]
    # People who use the keyboard can scroll a wide table only if it takes the focus.
    return (
        f"<div class='scrolled' role='region' tabindex='0' aria-label='{escape(caption)}'>"
        f"<table><caption>{escape(caption)}</caption><thead>{''.join(lines)}</thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _build_row(cells: Sequence[tuple[str, str | int]]) -> str:
    texts = []
    for tag, value in cells:
        is_number = isinstance(value, int)
        text = f"{value:,}" if is_number else escape(str(value))
        kind = " class='number'" if is_number else ""
        texts.append(f"<{tag}{kind}>{text}</{tag.split()[0]}>")
    return f"<tr>{''.join(texts)}</tr>"


def _build_document(title: str, parts: Sequence[str], head: str = "") -> str:
    return (
        "<!doctype html><html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"{head}<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


class ProgressPage:
    """A page that shows the steps of an attack until the report replaces it.

    A browser loads the page again by itself.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.steps, self.written_at = path, list[str](), 0.0

    def add_step(self, text: str) -> None:
        """Show one more step, unless the page was written a moment ago."""
        self.steps.append(text)
        if time.monotonic() - self.written_at < REFRESH_SECONDS and len(self.steps) > 1:
            return
        self.written_at = time.monotonic()
        items = "".join(f"<li>{escape(step)}</li>" for step in self.steps)
        head = f"<meta http-equiv='refresh' content='{REFRESH_SECONDS}'>"
        steps = f"<p role='status'>Now: {escape(text)}</p><ol>{items}</ol>"
        self._write(_build_document("The attack is running", [steps], head))

    def show_report(self, report: Report) -> None:
        """Replace the steps by the report."""
        self._write(build_page(report))

    def _write(self, text: str) -> None:
        """Replace the page at once, so that a browser never reads half of it."""
        part = self.path.with_name(f"{self.path.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)
