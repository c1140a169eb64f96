"""Rows that fail the rules of the return's missing module, added rule by rule.

Existing rows are never changed, so that an authority's records stay as drawn. Bad files are in
`bad_deliveries`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from simulation.calendar import collection_year, format_days, year_start
from simulation.draws import OPEN
from simulation.sources.returns import DATES, Return

# Every third authority leaves a period open at the year's end, which breaks rule 576 a year later.
LONG_OPEN_EVERY = 3


def add_failing_rows(
    statutory_return: Return, earlier: list[Return], number: int, code: str
) -> pd.DataFrame:
    """Add a few failing rows to a return, and list them.

    The list has rule_code, supplier_code, period, and the child, mis_start and mis_end of each row
    as written. An empty rule_code marks a period left open at the year's end. It breaks rule 576 a
    year later.
    """
    names = list(RULES)
    turn = number * 2 + (statutory_return.year % 7) * 5
    chosen = [names[(turn + step) % len(names)] for step in range(2)]
    picker = _Picker(statutory_return)
    rows: list[tuple[str, dict[str, str]]] = []
    for rule in chosen:
        rows += [(rule, row) for row in RULES[rule](picker) if row]
    for previous in earlier:
        if previous.year == statutory_return.year - 1:
            rows += [("576", row) for row in previous.left_open]
    if number % LONG_OPEN_EVERY == 0:
        opened = _open_at_year_end(picker)
        statutory_return.left_open = opened
        rows += [("open", row) for row in opened]
    added = [row for rule, row in rows if rule != "576"]
    if added:
        table = pd.DataFrame(added).assign(_start=-1, _end=-1, _absence=-1)
        statutory_return.missing = pd.concat(
            [statutory_return.missing, table[statutory_return.missing.columns]], ignore_index=True
        )
    failures = pd.DataFrame(
        [(rule, row["CHILD"], row["MIS_START"], row["MIS_END"]) for rule, row in rows],
        columns=["rule_code", "child", "mis_start", "mis_end"],
    )
    failures.insert(1, "supplier_code", code)
    failures.insert(2, "period", collection_year(statutory_return.year))
    failures["rule_code"] = failures["rule_code"].replace("open", "")
    return failures


class _Picker:
    """A source of children in a return who fit a rule; each child is given out once."""

    def __init__(self, statutory_return: Return) -> None:
        self.statutory_return = statutory_return
        self.first, self.last = (
            year_start(statutory_return.year),
            year_start(statutory_return.year + 1) - 1,
        )
        self.dob = dict(
            zip(statutory_return.header["CHILD"], statutory_return.header["DOB"], strict=True)
        )
        episodes = statutory_return.episodes
        self._start = _parse_days(episodes["DECOM"])
        self._end = _parse_days(episodes["DEC"])
        self._child = episodes["CHILD"].to_numpy(dtype=object)
        self._rec = episodes["REC"].to_numpy(dtype=object)
        self._used = set(statutory_return.missing["CHILD"])

    def take_episode(self, flags: np.ndarray) -> int | None:
        """Return the index of a fitting episode, of a child without a row in the missing module."""
        for index in np.flatnonzero(flags).tolist():
            if self._child[index] not in self._used:
                self._used.add(self._child[index])
                return int(index)
        return None

    def take_settled_child(self) -> str | None:
        """Return a child with an episode that spans nearly the whole year.

        If there is none, return a child with an episode of more than 60 days, or None.
        """
        end = np.where(self._end == OPEN, self.last, self._end)
        index = self.take_episode((self._start <= self.first + 60) & (end >= self.last - 60))
        if index is None:
            index = self.take_episode(end - self._start > 60)
        return None if index is None else str(self._child[index])

    def take_ceased_child(self) -> tuple[str, int] | None:
        """Return a child who ceased to be looked after in the year, and the day."""
        is_ceased = (self._end != OPEN) & (self._rec != "X1") & (self._rec != "E8")
        last_of = pd.Series(self._start).groupby(self._child).transform("max").to_numpy()
        is_ceased &= (self._end < self.last - 25) & (self._end > self.first + 30)
        is_ceased &= (self._end - self._start > 20) & (self._start == last_of)
        index = self.take_episode(is_ceased)
        return None if index is None else (str(self._child[index]), int(self._end[index]))

    def take_moved_child(self) -> tuple[str, int] | None:
        """Return a child whose placement changed in the year, and the day."""
        index = self.take_episode(
            (self._rec == "X1") & (self._end > self.first + 30) & (self._end - self._start > 20)
        )
        return None if index is None else (str(self._child[index]), int(self._end[index]))

    def take_new_child(self) -> tuple[str, int] | None:
        """Return a child who was first looked after in the year, and the day."""
        index = self.take_episode(
            (self.statutory_return.episodes["RNE"] == "S").to_numpy()
            & (self._start > self.first + 30)
        )
        return None if index is None else (str(self._child[index]), int(self._start[index]))

    def build_row(self, child: str | None, start: int, end: int, kind: str = "M") -> dict[str, str]:
        """Return a row of the missing module, or an empty one if there is no child."""
        if child is None:
            return {}
        days = format_days(np.array([start, end]), DATES)
        return {"CHILD": child, "DOB": self.dob.get(child, "01/01/2010"), "MISSING": kind,
                "MIS_START": str(days[0]), "MIS_END": str(days[1])}  # fmt: skip


def _parse_days(texts: pd.Series) -> np.ndarray:
    days = pd.to_datetime(texts, format=DATES, errors="coerce")
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(days.isna(), OPEN, numbers)


def _changed(row: dict[str, str], **changes: str) -> list[dict[str, str]]:
    return [{**row, **changes}] if row else []


def _build_middle_row(picker: _Picker) -> dict[str, str]:
    return picker.build_row(picker.take_settled_child(), picker.first + 150, picker.first + 152)


def _open_at_year_end(picker: _Picker) -> list[dict[str, str]]:
    row = picker.build_row(picker.take_settled_child(), picker.last - 6, OPEN)
    return [row] if row else []


def _around_ceasing(picker: _Picker, start: int, end: int | None) -> list[dict[str, str]]:
    ceased = picker.take_ceased_child()
    if ceased is None:
        return []
    child, day = ceased
    return [picker.build_row(child, day + start, OPEN if end is None else day + end)]


def _overlap(picker: _Picker) -> list[dict[str, str]]:
    child = picker.take_settled_child()
    first = picker.build_row(child, picker.first + 100, picker.first + 106)
    second = picker.build_row(child, picker.first + 103, picker.first + 108, "A")
    return [first, second] if first else []


def _placement_ends(picker: _Picker) -> list[dict[str, str]]:
    moved = picker.take_moved_child()
    return [picker.build_row(moved[0], moved[1] - 4, OPEN)] if moved else []


def _before_care(picker: _Picker) -> list[dict[str, str]]:
    entered = picker.take_new_child()
    return [picker.build_row(entered[0], entered[1] - 6, entered[1] - 4)] if entered else []


def _before_birth(picker: _Picker) -> list[dict[str, str]]:
    row = _build_middle_row(picker)
    if not row:
        return []
    birth = int(_parse_days(pd.Series([row["DOB"]]))[0])
    return [picker.build_row(row["CHILD"], birth - 9, birth - 8)]


def _no_episodes(picker: _Picker) -> list[dict[str, str]]:
    header = picker.statutory_return.header
    child = f"{9_000_001 + picker.statutory_return.place}"
    extra = header.iloc[[0]].assign(CHILD=child)
    picker.statutory_return.header = pd.concat([header, extra], ignore_index=True)
    picker.dob[child] = str(extra["DOB"].iloc[0])
    return [picker.build_row(child, picker.first + 20, picker.first + 21)]


def _not_in_header(picker: _Picker) -> list[dict[str, str]]:
    return [
        picker.build_row(
            f"{9_500_001 + picker.statutory_return.place}", picker.first + 30, picker.first + 31
        )
    ]


RULES: dict[str, Callable[[_Picker], list[dict[str, str]]]] = {
    "1004": lambda p: _changed(_build_middle_row(p), MIS_START="31/02/2025"),
    "1005": lambda p: _changed(_build_middle_row(p), MIS_END="30/02/2025"),
    "1006": lambda p: _changed(_build_middle_row(p), MISSING="X"),
    "564": lambda p: _changed(_build_middle_row(p), MIS_START="", MIS_END=""),
    "565": lambda p: _changed(_build_middle_row(p), MISSING="", MIS_END=""),
    "566": lambda p: _changed(_build_middle_row(p), MISSING="", MIS_START=""),
    "567": lambda p: [
        row for row in [p.build_row(p.take_settled_child(), p.first + 90, p.first + 87)] if row
    ],
    "570": lambda p: [
        row for row in [p.build_row(p.take_settled_child(), p.last + 9, OPEN)] if row
    ],
    "571": lambda p: [
        row for row in [p.build_row(p.take_settled_child(), p.last - 9, p.last + 4)] if row
    ],
    "574": _overlap,
    "575": _placement_ends,
    "577": lambda p: _around_ceasing(p, -4, None),
    "578": lambda p: _around_ceasing(p, 8, 9),
    "580": lambda p: _around_ceasing(p, -3, 0),
    "581": _before_care,
    "586": _before_birth,
    "1012": _no_episodes,
    "INT04": _not_in_header,
    "INT13": lambda p: _changed(_build_middle_row(p), DOB="01/02/2009"),
}
