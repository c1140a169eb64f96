"""The publisher's description of how the counts of its files add up: `ties.yaml`.

The README beside this file explains the language. `published_files.py` reads the published figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    area_columns: Mapping[str, str]
    areas: Mapping[str, Hierarchy]
    counts: Mapping[str, tuple[str, ...]]
    open_measures: Mapping[str, tuple[str, ...]]
    only: Mapping[str, Mapping[str, frozenset[str]]]
    ties: tuple[Tie, ...]
    derived: tuple[Derived, ...]


def read_description(path: Path) -> Description:
    """Read `ties.yaml`; raise `DescriptionError` that says what is wrong in the file."""
    try:
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DescriptionError(f"{path.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(text, dict) or text.get("format") != FORMAT:
        raise DescriptionError(f"{path.name}: `format` is not {FORMAT}")
    try:
        return _parse_description(text)
    except (KeyError, TypeError, AttributeError) as error:
        fault = f"an entry is missing or in the wrong place: {error}"
        raise DescriptionError(f"{path.name}: {fault}") from error


def _parse_description(text: dict[str, Any]) -> Description:
    symbols, files = text.get("symbols", {}), text["files"]
    areas = {
        name: Hierarchy(_parse_items(hierarchy["parents"]), _parse_codes(hierarchy, "incomplete"))
        for name, hierarchy in text.get("areas", {}).items()
    }
    replaced = text.get("replaced") or {}
    return Description(
        release=str(text["release"]),
        before=text.get("before"),
        replaced={str(year): _parse_codes(replaced, year) for year in replaced},
        hidden=frozenset(symbols.get("hidden", ["c"])),
        unknown=frozenset(symbols.get("unknown", ["x"])),
        empty=frozenset(symbols.get("none", ["z", "u", "low"])),
        rounding={str(level): int(unit) for level, unit in text["rounding"].items()},
        smallest_hidden=int(text.get("smallest_hidden", 1)),
        largest_hidden=float(text.get("largest_hidden", "inf")),
        smallest_shown=int(text.get("smallest_shown", 1)),
        dominance_share=float(text.get("dominance_share", 1)),
        fewest_numbers=int(text.get("fewest_numbers", 5)),
        area_columns=text.get("area_columns", AREA_COLUMNS),
        areas=areas,
        counts={name: tuple(file["counts"]) for name, file in files.items()},
        open_measures={name: tuple(file.get("open", ())) for name, file in files.items()},
        only={
            name: {str(part): _parse_codes(file["only"], part) for part in file.get("only", {})}
            for name, file in files.items()
        },
        ties=tuple(tie for each in text.get("ties", ()) for tie in _parse_ties(each, areas)),
        derived=tuple(one for each in text.get("derived", ()) for one in _parse_derived(each)),
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
