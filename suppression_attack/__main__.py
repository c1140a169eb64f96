"""`python -m suppression_attack FOLDER…`: attack releases, and print what was found."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from suppression_attack import DescriptionError, Report, attack

SHOWN = 40


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if nothing is given away, 1 if something is, 2 if a release cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m suppression_attack", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="public folders, earliest first")
    parser.add_argument("--true", nargs="*", type=Path, default=[], help="files of true counts")
    parser.add_argument("--json", type=Path, help="also write the report here")
    parser.add_argument("--all", action="store_true", help=f"print more than {SHOWN} findings")
    parser.add_argument(
        "--quick", action="store_true", help="stop at what sums one by one prove, if they do"
    )
    chosen = parser.parse_args(arguments)
    try:
        report = attack(chosen.folders, chosen.true, progress=_say, is_quick=chosen.quick)
    except DescriptionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        chosen.json.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(summary(report, None if chosen.all else SHOWN))
    return 0 if report.is_safe else 1


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def summary(report: Report, most: int | None = None) -> str:
    """The report in words: a table of files, then the findings."""
    said = report.to_dict()
    lines = [f"{'file':<36}{'cells':>8}{'hidden':>8}{'narrow':>8}{'exact':>8}"]
    for each in said["files"]:
        narrow = sum(one.file == each["file"] for one in report.too_narrow)
        exact = sum(one.file == each["file"] for one in report.exact)
        lines.append(
            f"{each['file']:<36}{each['cells']:>8}{each['hidden']:>8}{narrow:>8}{exact:>8}"
        )
    lines.append(f"{report.complements} counts that are not printed follow from two that are")
    for one in report.findings[:most]:
        lines.append(f"{one.kind}: {one.key} ({one.detail})")
    left = len(report.findings) - len(report.findings[:most])
    if left:
        lines.append(f"and {left} more")
    lines.append("nothing is given away" if report.is_safe else "NOT SAFE")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
