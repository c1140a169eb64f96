"""The names of suppliers (local authorities and police forces), by code.

Files, decisions and published tables have codes. Pages and commands show people the names.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from register.spreadsheet import read_rows


def name_supplier(seeds: Path, supplier_code: str) -> str:
    """Return a supplier's name, or the code itself if `ref__suppliers.csv` has no name for it.

    The code follows a name that several suppliers share, such as an authority and its successor.
    """
    return _read_names(seeds).get(supplier_code, supplier_code)


def name_suppliers(seeds: Path) -> dict[str, str]:
    """Return the names of all suppliers by code, in order of name."""
    return dict(sorted(_read_names(seeds).items(), key=lambda item: (item[1], item[0])))


@cache
def _read_names(seeds: Path) -> dict[str, str]:
    names = {
        row["supplier_code"]: row["supplier_name"]
        for row in read_rows(seeds / "ref__suppliers.csv")
        if row["supplier_name"]
    }
    counts = Counter(names.values())
    return {code: name if counts[name] == 1 else f"{name} ({code})" for code, name in names.items()}
