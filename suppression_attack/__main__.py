"""`python -m suppression_attack FOLDER…`: attacks releases, and prints the findings."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from suppression_attack import DescriptionError, Report, attack

MAX_PRINTED = 40


def main(arguments: list[str] | None = None) -> int:
    """Attack the releases in the folders, and print the findings.

    Returns 0 if nothing is given away, 1 if something is, and 2 if a release cannot be read.
    """
    parser = argparse.ArgumentParser(prog="python -m suppression_attack", description=__doc__)
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
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    parser.add_argument(
        "--all", action="store_true", help=f"print all findings, not only {MAX_PRINTED}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="stop if single sums already give counts away"
    )
    options = parser.parse_args(arguments)
    try:
        report = attack(
            options.folders,
            options.true,
            progress=_print_progress,
            is_quick=options.quick,
        )
    except DescriptionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        options.json.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(summarise_report(report, None if options.all else MAX_PRINTED))
    return 0 if report.is_safe else 1


def _print_progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


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
    for finding in report.findings[:max_findings]:
        lines.append(f"{finding.kind}: {finding.key} ({finding.detail})")
    left_out = len(report.findings) - len(report.findings[:max_findings])
    if left_out:
        lines.append(f"and {left_out} more")
    lines.append("nothing is given away" if report.is_safe else "NOT SAFE")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
