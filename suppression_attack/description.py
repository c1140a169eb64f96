"""What a publisher says of the sums of its files: `ties.yaml`, read and checked.

The language is explained in the README beside this file. Nothing here reads a published figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FORMAT = 1
KINDS = ("add", "overlap", "within", "same", "at_least", "complement", "behind", "dominance")
AREA_COLUMNS = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}


class DescriptionError(ValueError):
    """`ties.yaml` says something that cannot be understood; the message says what."""


@dataclass(frozen=True)
class Pattern:
    """Cells of one measure of one file: those whose filters have the items of `where`.

    In a sum, each cell counts `times` times.
    """

    file: str
    measure: str
    where: Mapping[str, str]
    times: float = 1.0


@dataclass(frozen=True)
class Tie:
    """One thing that is true of published counts, whatever their values.

    `over` is a hierarchy of areas; then `total` holds the patterns that it is true of, one by one,
    and `parts` nothing. Otherwise the first side is `total`, the second `parts`.
    """

    name: str
    kind: str
    total: tuple[Pattern, ...]
    parts: tuple[Pattern, ...] = ()
    over: str | None = None


@dataclass(frozen=True)
class Hierarchy:
    """Which area lies in which; a whole in `incomplete` holds more than its parts."""

    parents: Mapping[str, str]
    incomplete: frozenset[str]


@dataclass(frozen=True)
class Derived:
    """An indicator that follows from counts; with no formula, its counts alone are known."""

    file: str
    measure: str
    where: Mapping[str, str]
    sources: tuple[Pattern, ...]
    formula: str | None = None
    times: float = 1.0
    decimals: int = 1


@dataclass(frozen=True)
class Description:
    """All that `ties.yaml` of one release says."""

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
    area_columns: Mapping[str, str]
    areas: Mapping[str, Hierarchy]
    counts: Mapping[str, tuple[str, ...]]
    open_measures: Mapping[str, tuple[str, ...]]
    only: Mapping[str, Mapping[str, frozenset[str]]]
    ties: tuple[Tie, ...]
    derived: tuple[Derived, ...]


def read_description(path: Path) -> Description:
    """Read `ties.yaml`; raises `DescriptionError` with what cannot be understood."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DescriptionError(f"{path.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise DescriptionError(f"{path.name}: `format` is not {FORMAT}")
    try:
        return _description(said)
    except (KeyError, TypeError, AttributeError) as error:
        raise DescriptionError(f"{path.name}: missing or misplaced: {error}") from error


def _description(said: dict[str, Any]) -> Description:
    symbols = said.get("symbols", {})
    counts = {name: tuple(each["counts"]) for name, each in said["files"].items()}
    areas = {
        name: Hierarchy(
            {str(part): str(whole) for part, whole in each["parents"].items()},
            frozenset(str(code) for code in each.get("incomplete", ())),
        )
        for name, each in said.get("areas", {}).items()
    }
    return Description(
        release=str(said["release"]),
        before=said.get("before"),
        replaced={
            str(year): frozenset(str(code) for code in codes)
            for year, codes in (said.get("replaced") or {}).items()
        },
        hidden=frozenset(symbols.get("hidden", ["c"])),
        unknown=frozenset(symbols.get("unknown", ["x"])),
        empty=frozenset(symbols.get("none", ["z", "u", "low"])),
        rounding={str(level): int(unit) for level, unit in said["rounding"].items()},
        smallest_hidden=int(said.get("smallest_hidden", 1)),
        largest_hidden=float(said.get("largest_hidden", "inf")),
        smallest_shown=int(said.get("smallest_shown", 1)),
        dominance_share=float(said.get("dominance_share", 1)),
        fewest_numbers=int(said.get("fewest_numbers", 5)),
        area_columns=said.get("area_columns", AREA_COLUMNS),
        areas=areas,
        counts=counts,
        open_measures={name: tuple(each.get("open", ())) for name, each in said["files"].items()},
        only={
            name: {
                str(part): frozenset(str(item) for item in items)
                for part, items in each.get("only", {}).items()
            }
            for name, each in said["files"].items()
        },
        ties=tuple(tie for each in said.get("ties", ()) for tie in _ties(each, areas)),
        derived=tuple(one for each in said.get("derived", ()) for one in _derived(each)),
    )


def _pattern(said: Mapping[str, Any], file: str = "") -> Pattern:
    where = {str(name): str(item) for name, item in (said.get("where") or {}).items()}
    times = float(said.get("times", 1))
    return Pattern(str(said.get("file", file)), str(said["measure"]), where, times)


def _ties(said: Mapping[str, Any], areas: Mapping[str, Hierarchy]) -> list[Tie]:
    kinds = [kind for kind in KINDS if kind in said]
    name = str(said["name"])
    if len(kinds) != 1:
        raise DescriptionError(f"tie {name!r}: one of {', '.join(KINDS)} is needed")
    kind, body = kinds[0], said[kinds[0]]
    if kind == "same":
        return [Tie(name, kind, tuple(_pattern(each) for each in body))]
    if kind == "behind":
        return [Tie(name, kind, (_pattern(body["children"]),), (_pattern(body["printed"]),))]
    if kind == "dominance":
        counted = tuple(_pattern(body[each]) for each in ("episodes", "children"))
        return [Tie(name, kind, (_pattern(body["several"]),), counted)]
    if kind == "at_least":
        greater = tuple(_pattern(each) for each in body["greater"])
        return [Tie(name, kind, greater, tuple(_pattern(each) for each in body["less"]))]
    if "of" in body:
        parts = tuple(_pattern(each) for each in body["parts"])
        return [Tie(name, kind, (_pattern(body["of"]),), parts)]
    return _sums(name, kind, body, said["cells"], areas)


def _sums(
    name: str,
    kind: str,
    body: Mapping[str, Any],
    cells: Mapping[str, Any],
    areas: Mapping[str, Hierarchy],
) -> list[Tie]:
    """Ties over a hierarchy of areas, or over the items of a filter, for many files at once."""
    over = str(body["over"])
    patterns = [
        _pattern({"file": file, "measure": measure, "where": cells.get("where")})
        for file in cells["files"]
        for measure in cells["measures"]
    ]
    if over in areas:
        return [Tie(name, kind, (each,), over=over) for each in patterns]
    return [
        Tie(
            name,
            kind,
            (_with_item(each, over, body["total"]),),
            tuple(_with_item(each, over, item) for item in body["parts"]),
        )
        for each in patterns
    ]


def _with_item(pattern: Pattern, name: str, item: Any) -> Pattern:
    """The pattern at one item; an item of a grouped filter is a mapping with its group."""
    chosen = item if isinstance(item, dict) else {name: item}
    words = {str(column): str(value) for column, value in chosen.items()}
    return Pattern(pattern.file, pattern.measure, {**pattern.where, **words})


def _derived(said: Mapping[str, Any]) -> list[Derived]:
    found = []
    for file in said.get("files") or [said["file"]]:
        sources = tuple(_pattern(each, file) for each in said["from"])
        where = {str(name): str(item) for name, item in (said.get("where") or {}).items()}
        found += [
            Derived(
                file,
                str(measure),
                where,
                sources,
                said.get("formula"),
                float(said.get("times", 1)),
                int(said.get("decimals", 1)),
            )
            for measure in said.get("measures") or [said["measure"]]
        ]
    return found
