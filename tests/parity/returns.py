"""Returns made to break rules: few children, few dates, every kind of mistake, by seed.

Rows are the text of the 903's CSV modules. A domain this small makes collisions frequent: starts
on the day another period ends, ends on 31 March, the same child twice. Nobody in them is real,
and nothing in them is likely; likely returns are the simulation's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

Row = dict[str, str]

COLUMNS = {
    "header": ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
    "episodes": (
        *("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
        *("REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN"),
    ),
    "missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
}
NOT_DATES = ("31/02/2025", "10/24/2021", "13/10/21", "unknown", "29/02/2023", "01/01/0205")
BIRTHDAYS = (date(2007, 6, 1), date(2008, 2, 29), date(2010, 10, 31))


@dataclass(frozen=True)
class Return:
    """One authority's return of one collection year, as text."""

    supplier_code: str
    period: str
    modules: dict[str, list[Row]]

    @property
    def start(self) -> date:
        """1 April of the collection year."""
        return date(int(self.period[:4]), 4, 1)


def write_return(made: Return, folder: Path) -> None:
    """Write the modules of a return as CSV files, the way an authority delivers them."""
    folder.mkdir(parents=True)
    for module, rows in made.modules.items():
        write_module(module, rows, folder / f"{module}.csv")


def write_module(module: str, rows: Sequence[Row], path: Path) -> None:
    """Write one module; columns that a row lacks are blank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[module], restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def make_returns(
    supplier_codes: Sequence[str], periods: Sequence[str], seed: int
) -> Iterator[Return]:
    """One return per authority and period; the same arguments make the same returns."""
    generator = np.random.default_rng(seed)
    for supplier_code in supplier_codes:
        for period in periods:
            yield _Maker(generator, date(int(period[:4]), 4, 1)).make(supplier_code, period)


def _birthday(child: str) -> date:
    return BIRTHDAYS[int(child[1:]) % len(BIRTHDAYS)]


@dataclass(frozen=True)
class _Maker:
    generator: np.random.Generator
    start: date

    def make(self, supplier_code: str, period: str) -> Return:
        children = [f"C{number}" for number in range(1, int(self.generator.integers(2, 9)))]
        header = [
            {"CHILD": child, "SEX": "1", "DOB": self._birth(child), "ETHNIC": "WBRI", "MOTHER": ""}
            for child in children
            if not self._chance(0.15)
        ]
        header += [{**row, "DOB": self._birth("C9")} for row in header[:1] if self._chance(0.3)]
        episodes = [row for child in children[1:] for row in self._episodes(child)]
        missing = [
            self._missing(children)
            for _ in range(int(self.generator.integers(1, 4 * len(children))))
        ]
        # The contract asks for a header and an episode at least.
        modules = {
            "header": header or [{"CHILD": "C9", "SEX": "1", "DOB": "01/06/2007"}],
            "episodes": self._shuffled(episodes) or [{"CHILD": "C9", "DECOM": "01/06/2020"}],
            "missing": missing,
        }
        return Return(supplier_code, period, modules)

    def _episodes(self, child: str) -> Iterator[Row]:
        begins = self._day()
        for _ in range(int(self.generator.integers(1, 5)) - self._chance(0.1)):
            ends = begins + timedelta(days=int(self.generator.choice([0, 1, 30, 90, 200])))
            yield {
                **{"CHILD": self._typed(child), "RNE": "S", "LS": "C2", "CIN": "N1", "PLACE": "U1"},
                "DECOM": self._text(begins, blank=0.05),
                "DEC": self._text(self._majority(child) or ends, blank=0.3),
                "REC": str(self.generator.choice(["E8", "e8", "E4A", "X1", ""])),
                "PLACE_PROVIDER": "PR1",
            }
            begins = ends + timedelta(days=int(self.generator.choice([-40, 0, 0, 1, 60])))

    def _missing(self, children: Sequence[str]) -> Row:
        child = str(self.generator.choice(["C77", *children, *children, *children]))
        begins = self._any_birthday() if self._chance(0.05) else self._day()
        gap = int(self.generator.choice([0, 1, 2, 7, 7, 100, 400, -1]))
        ends = self._majority(child) or begins + timedelta(days=gap)
        return {
            "CHILD": self._typed(child),
            "DOB": self._birth(child),
            "MISSING": str(self.generator.choice(["M", "M", "A", "a", "X", ""])),
            "MIS_START": self._text(begins, blank=0.12),
            "MIS_END": self._text(ends, blank=0.35),
        }

    def _day(self) -> date:
        """A day near an edge of the year, or one of few in it or in the year before."""
        offsets = [-200, -30, -1, 0, 1, 60, 61, 90, 120, 150, 180, 364, 365, 366]
        return self.start + timedelta(days=int(self.generator.choice(offsets)))

    def _birth(self, child: str) -> str:
        """Mostly the same day for the same child; sometimes another, none, or no date."""
        if self._chance(0.8):
            return f"{_birthday(child):%d/%m/%Y}"
        return self._text(self._any_birthday(), blank=0.2)

    def _any_birthday(self) -> date:
        return BIRTHDAYS[int(self.generator.integers(len(BIRTHDAYS)))]

    def _majority(self, child: str) -> date | None:
        """Now and then the day on which the child turns 18."""
        if not self._chance(0.25):
            return None
        born = _birthday(child)
        return date(born.year + 18, born.month, min(born.day, 28 if born.month == 2 else 31))

    def _text(self, day: date, blank: float) -> str:
        if self._chance(blank):
            return ""
        if self._chance(0.06):
            return str(self.generator.choice(NOT_DATES))
        return f"{day:%d/%m/%Y}"

    def _typed(self, child: str) -> str:
        return child.lower() if self._chance(0.05) else child

    def _shuffled(self, rows: list[Row]) -> list[Row]:
        return [rows[place] for place in self.generator.permutation(len(rows))]

    def _chance(self, share: float) -> bool:
        return bool(self.generator.random() < share)
