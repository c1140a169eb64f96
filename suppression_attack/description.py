"""The publisher's description of how the counts of its files add up: `ties.yaml`.

The README beside this file explains the language. `published_files.py` reads the published figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from suppression_attack.description_schema import find_fault

KINDS = ("add", "overlap", "within", "same", "at_least", "complement", "behind", "dominance")
# In place of a geographic level: what holds for the levels that are not named.
ALL_LEVELS = ""
AREA_COLUMNS = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}


class DescriptionError(ValueError):
    """An error: a release cannot be read as its `ties.yaml` describes it. The message says why."""


@dataclass(frozen=True)
class Pattern:
    """A choice of cells: one measure in one file, in rows whose filters have the items of `where`.

    In a sum, `times` is the coefficient of each cell.
    """

    file: str
    measure: str
    where: Mapping[str, str]
    times: float = 1.0


@dataclass(frozen=True)
class Tie:
    """A relation between published counts that always holds; `kind` is one of `KINDS`.

    With `over`, a hierarchy of areas, the count of each area in `total` is related to the counts of
    its parts, in the same pattern. Otherwise `total` is related to `parts`.
    """

    name: str
    kind: str
    total: tuple[Pattern, ...]
    parts: tuple[Pattern, ...] = ()
    over: str | None = None


@dataclass(frozen=True)
class Hierarchy:
    """The parent of each area. An area in `incomplete` may count more than the sum of its parts."""

    parents: Mapping[str, str]
    incomplete: frozenset[str]


@dataclass(frozen=True)
class Derived:
    """An indicator derived from counts, with the formula if it is known."""

    file: str
    measure: str
    where: Mapping[str, str]
    sources: tuple[Pattern, ...]
    formula: str | None = None
    times: float = 1.0
    decimals: int = 1


@dataclass(frozen=True)
class Columns:
    """The columns that name the place of a row; an empty name stands for no such column.

    `areas` are the columns with the code of the area, by level or for `ALL_LEVELS`.
    """

    year: str
    level: str
    areas: Mapping[str, str]

    def find_area_column(self, level: str) -> str | None:
        """Return the column with the code of an area of a level, or None if none is given."""
        return self.areas.get(level, self.areas.get(ALL_LEVELS))

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all these columns."""
        names = dict.fromkeys((self.year, self.level, *self.areas.values()))
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class DescribedFile:
    """What `ties.yaml` says of one file.

    In rows with other items than those of `only`, figures are not counts of people. `filters` is
    None if the metadata file names the filters.
    """

    counts: tuple[str, ...]
    open_measures: tuple[str, ...]
    only: Mapping[str, frozenset[str]]
    filters: tuple[str, ...] | None
    labels: tuple[str, ...]
    source: str
    sheet: str | None


@dataclass(frozen=True)
class Description:
    """The content of `ties.yaml` of one release."""

    release: str
    before: str | None
    replaced: Mapping[str, frozenset[str]]
    hidden: frozenset[str]
    unknown: frozenset[str]
    empty: frozenset[str]
    rounding: Mapping[str, int]
    smallest_hidden: int
    largest_hidden: float
    smallest_shown: int
    dominance_share: float
    fewest_numbers: int
    columns: Columns
    areas: Mapping[str, Hierarchy]
    files: Mapping[str, DescribedFile]
    ties: tuple[Tie, ...]
    derived: tuple[Derived, ...]

    def find_rounding(self, level: str) -> int | None:
        """Return the rounding unit of a geographic level, or None if none is given."""
        return self.rounding.get(level, self.rounding.get(ALL_LEVELS))


def read_description(path: Path) -> Description:
    """Read `ties.yaml`; raise `DescriptionError` that says what is wrong in the file."""
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except (OSError, yaml.YAMLError) as error:
        # The message of a YAML error names the line.
        reason = str(error) if isinstance(error, yaml.YAMLError) else type(error).__name__
        raise DescriptionError(f"{path.name} cannot be read: {reason}") from error
    return parse_description(content, text, path.name)


def parse_description(content: Any, text: str = "", name: str = "ties") -> Description:
    """Return the description in a mapping as `ties.yaml` has it, after its validation."""
    if fault := find_fault(content, text):
        raise DescriptionError(f"{name}: {fault}")
    symbols, files = content.get("symbols", {}), content["files"]
    areas = {
        name: Hierarchy(_parse_items(hierarchy["parents"]), _parse_codes(hierarchy, "incomplete"))
        for name, hierarchy in content.get("areas", {}).items()
    }
    replaced = content.get("replaced") or {}
    rounding = content["rounding"]
    return Description(
        release=str(content["release"]),
        before=content.get("before"),
        replaced={str(year): _parse_codes(replaced, year) for year in replaced},
        hidden=frozenset(symbols.get("hidden", ["c"])),
        unknown=frozenset(symbols.get("unknown", ["x"])),
        empty=frozenset(symbols.get("none", ["z", "u", "low"])),
        rounding=_parse_rounding(rounding),
        smallest_hidden=int(content.get("smallest_hidden", 1)),
        largest_hidden=float(content.get("largest_hidden", "inf")),
        smallest_shown=int(content.get("smallest_shown", 1)),
        dominance_share=float(content.get("dominance_share", 1)),
        fewest_numbers=int(content.get("fewest_numbers", 5)),
        columns=_parse_columns(content),
        areas=areas,
        files={str(name): _parse_file(str(name), file) for name, file in files.items()},
        ties=tuple(tie for each in content.get("ties", ()) for tie in _parse_ties(each, areas)),
        derived=tuple(one for each in content.get("derived", ()) for one in _parse_derived(each)),
    )


def _parse_rounding(rounding: int | Mapping[Any, int]) -> dict[str, int]:
    if isinstance(rounding, int):
        return {ALL_LEVELS: rounding}
    return {str(level): unit for level, unit in rounding.items()}


def _parse_columns(content: Mapping[str, Any]) -> Columns:
    columns = content.get("columns")
    if columns is None:
        areas = _parse_items(content.get("area_columns", AREA_COLUMNS))
        return Columns("time_period", "geographic_level", areas)
    areas = _parse_items(content.get("area_columns"))
    if "area" in columns:
        areas[ALL_LEVELS] = str(columns["area"])
    return Columns(str(columns.get("year", "")), str(columns.get("level", "")), areas)


def _parse_file(name: str, file: Mapping[str, Any]) -> DescribedFile:
    return DescribedFile(
        counts=tuple(map(str, file["counts"])),
        open_measures=tuple(map(str, file.get("open", ()))),
        only={str(part): _parse_codes(file["only"], part) for part in file.get("only", {})},
        filters=tuple(map(str, file["filters"])) if "filters" in file else None,
        labels=tuple(map(str, file.get("labels", ()))),
        source=str(file.get("source", f"{name}.csv")),
        sheet=str(file["sheet"]) if "sheet" in file else None,
    )


def _parse_items(items: Mapping[Any, Any] | None) -> dict[str, str]:
    return {str(name): str(item) for name, item in (items or {}).items()}


def _parse_codes(text: Mapping[Any, Any], name: Any) -> frozenset[str]:
    return frozenset(str(code) for code in text.get(name, ()))


def _parse_pattern(text: Mapping[str, Any], file: str = "") -> Pattern:
    times = float(text.get("times", 1))
    where = _parse_items(text.get("where"))
    return Pattern(str(text.get("file", file)), str(text["measure"]), where, times)


def _parse_ties(text: Mapping[str, Any], areas: Mapping[str, Hierarchy]) -> list[Tie]:
    kinds = [kind for kind in KINDS if kind in text]
    name = str(text["name"])
    if len(kinds) != 1:
        raise DescriptionError(f"tie {name!r}: one of {', '.join(KINDS)} is needed")
    kind, body = kinds[0], text[kinds[0]]
    sides: tuple[list[Any], list[Any]]
    if kind == "same":
        sides = (body, [])
    elif kind == "behind":
        sides = ([body["children"]], [body["printed"]])
    elif kind == "dominance":
        sides = ([body["several"]], [body["episodes"], body["children"]])
    elif kind == "at_least":
        sides = (body["greater"], body["less"])
    elif "of" in body:
        sides = ([body["of"]], body["parts"])
    else:
        return _parse_sums(name, kind, body, text["cells"], areas)
    total, parts = (tuple(_parse_pattern(pattern) for pattern in side) for side in sides)
    return [Tie(name, kind, total, parts)]


def _parse_sums(
    name: str,
    kind: str,
    body: Mapping[str, Any],
    cells: Mapping[str, Any],
    areas: Mapping[str, Hierarchy],
) -> list[Tie]:
    """Return ties over a hierarchy of areas or over the items of a filter, for several files."""
    over = str(body["over"])
    patterns = [
        _parse_pattern({"file": file, "measure": measure, "where": cells.get("where")})
        for file in cells["files"]
        for measure in cells["measures"]
    ]
    if over in areas:
        return [Tie(name, kind, (pattern,), over=over) for pattern in patterns]
    return [
        Tie(
            name,
            kind,
            (_add_item(pattern, over, body["total"]),),
            tuple(_add_item(pattern, over, item) for item in body["parts"]),
        )
        for pattern in patterns
    ]


def _add_item(pattern: Pattern, name: str, item: Any) -> Pattern:
    """Return a pattern restricted to one item.

    The item of a grouped filter is a mapping that also names its group.
    """
    items = _parse_items(item if isinstance(item, dict) else {name: item})
    return replace(pattern, where={**pattern.where, **items})


def _parse_derived(text: Mapping[str, Any]) -> list[Derived]:
    return [
        Derived(
            file,
            str(measure),
            _parse_items(text.get("where")),
            tuple(_parse_pattern(source, file) for source in text["from"]),
            text.get("formula"),
            float(text.get("times", 1)),
            int(text.get("decimals", 1)),
        )
        for file in text.get("files") or [text["file"]]
        for measure in text.get("measures") or [text["measure"]]
    ]
