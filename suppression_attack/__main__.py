"""`python -m suppression_attack`: attacks releases, or drafts a description of their tables.

`python -m suppression_attack FOLDER…` attacks. `python -m suppression_attack draft FILE…` drafts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from suppression_attack import EVERY_AREA, DescriptionError, Report, attack
from suppression_attack.draft_files import read_draft_files
from suppression_attack.drafted_ties import draft_ties
from suppression_attack.html_report import ProgressPage

MAX_PRINTED = 40


def main(arguments: list[str] | None = None) -> int:
    """Attack the releases in the folders, and print the findings; or draft `ties.yaml`.

    Returns 0 if nothing is given away, 1 if something is, and 2 if a release cannot be read.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return _draft_files(words[1:]) if words[:1] == ["draft"] else _attack_folders(words)
    except DescriptionError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _draft_files(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m suppression_attack draft", description="Draft ties.yaml for tables."
    )
    parser.add_argument("files", nargs="+", type=Path, help="CSV files, .xlsx or .ods")
    parser.add_argument("--sheet", help="the sheet of a spreadsheet; otherwise the first")
    parser.add_argument("--release", default="draft", help="the name of the release")
    parser.add_argument("--output", type=Path, help="write the draft here, not to the screen")
    options = parser.parse_args(words)
    draft = draft_ties(read_draft_files(options.files, options.sheet), options.release)
    if options.output is None:
        sys.stdout.write(draft.to_yaml())
        return 0
    options.output.write_text(draft.to_yaml(), encoding="utf-8")
    counts = f"{len(draft.ties)} ties, {len(draft.derived)} derived figures"
    sys.stdout.write(f"{options.output}: {counts}, {len(draft.questions)} questions\n")
    return 0


def _attack_folders(words: list[str]) -> int:
    options = _build_parser().parse_args(words)
    page = ProgressPage(options.html) if options.html else None

    def show_progress(text: str) -> None:
        sys.stderr.write(f"{text}\n")
        if page is not None:
            page.add_step(text)

    insiders = [each.split(",") for each in options.insider]
    report = attack(
        options.folders,
        options.true,
        progress=show_progress,
        is_quick=options.quick,
        insiders=[*insiders, [EVERY_AREA]] if options.all_insiders else insiders,
    )
    if page is not None:
        page.show_report(report)
    if options.json:
        options.json.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(summarise_report(report, None if options.all else MAX_PRINTED))
    return 0 if report.is_safe else 1


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m suppression_attack",
        description="Attack published tables. `draft FILE…` drafts their description.",
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        help="folders with the public files of releases, earliest release first",
    )
    parser.add_argument(
        "--true",
        nargs="*",
        type=Path,
        default=[],
        help="CSV files of true counts, to test the ties",
    )
    parser.add_argument(
        "--insider",
        action="append",
        default=[],
        metavar="AREA[,AREA]",
        help="also attack as a reader who knows the counts of these areas exactly",
    )
    parser.add_argument(
        "--all-insiders", action="store_true", help="attack as each area that reports, in turn"
    )
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    parser.add_argument(
        "--html", type=Path, help="also write the report, and first the progress, as a page"
    )
    parser.add_argument(
        "--all", action="store_true", help=f"print all findings, not only {MAX_PRINTED}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="stop if single sums already give counts away"
    )
    return parser


def summarise_report(report: Report, max_findings: int | None = None) -> str:
    """Return the report as text: a table of files, then at most `max_findings` findings."""
    lines = [f"{'file':<36}{'cells':>8}{'hidden':>8}{'narrow':>8}{'exact':>8}"]
    narrow, exact = (
        Counter(finding.file for finding in findings)
        for findings in (report.too_narrow, report.exact)
    )
    for file, cells in sorted(report.cells.items()):
        counts = (cells, report.hidden[file], narrow[file], exact[file])
        lines.append(f"{file:<36}" + "".join(f"{count:>8}" for count in counts))
    lines.append(f"{report.complements} counts that are not printed follow from two that are")
    if report.insiders:
        lines.append(f"{report.insiders} insiders were tried")
    for finding in report.findings[:max_findings]:
        lines.append(f"{finding.kind}: {finding.key} ({finding.detail})")
    left_out = len(report.findings) - len(report.findings[:max_findings])
    if left_out:
        lines.append(f"and {left_out} more")
    lines.append("nothing is given away" if report.is_safe else "NOT SAFE")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
