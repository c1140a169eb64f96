"""The public description of a release's ties (`ties.yaml`), with which anyone can attack a release.

`suppression_attack/README.md` explains the format. The file contains no counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from official_statistics.data_sets import TOTAL, DataSet, Indicator
from official_statistics.protection.constraint_system import Hierarchies
from official_statistics.protection.tie_patterns import Pattern, Tie
from official_statistics.protection.ties import derive_ties
from official_statistics.release_rules import LEVELS, Rules, get_rounding_unit

FORMAT = 1
# The formula for each end of a share's interval. A share itself is a ratio.
WILSON_FORMULAS = {"lower": "wilson_lower", "upper": "wilson_upper"}
# Formulas for the ends of the range of kappa, from the nine counts of a table with its totals.
RANGE_FORMULAS = ("kappa_minimum", "kappa_maximum")
# The file with the counts behind shares that are corrected for linkage error. It counts the base
# table, which uses the central linkage.
CENTRAL_FILE = "agreement_by_area"
CENTRAL_ITEMS = {"care_status": TOTAL, "agreement_scope": "All episodes"}
SOURCE_STATUSES = ("Both sources", "Police only", "Authority only")


@dataclass(frozen=True)
class Succession:
    """A release, the one before, and by year the areas whose counts were not taken over."""

    release: str
    before: str | None = None
    replaced: Mapping[str, list[str]] = field(default_factory=dict)


def describe_ties(
    data_sets: Iterable[DataSet], rules: Rules, areas: Hierarchies, succession: Succession
) -> dict[str, Any]:
    """Return the content of `ties.yaml`."""
    data_sets = tuple(data_sets)
    before, replaced = succession.before, succession.replaced
    return {
        "format": FORMAT,
        "release": succession.release,
        **({"before": before, "replaced": dict(replaced)} if before else {}),
        "symbols": {"hidden": ["c"], "unknown": ["x"], "none": ["z", "u", "low"]},
        "rounding": {level: get_rounding_unit(rules, level) for level in LEVELS},
        "smallest_hidden": 1,
        "smallest_shown": int(rules["few_children_most"]) + 1,
        "dominance_share": rules["dominance_share"],
        "fewest_numbers": int(rules["hidden_width_least"]),
        "areas": {
            name: {
                "parents": dict(sorted(parents.items())),
                "incomplete": sorted(areas.incomplete.get(name, ())),
            }
            for name, parents in areas.parents.items()
        },
        "files": {data_set.name: _describe_file(data_set) for data_set in data_sets},
        "ties": [_describe_tie(tie) for tie in derive_ties(data_sets)],
        "derived": [one for each in data_sets for one in describe_derived(each, data_sets)],
    }


def _describe_file(data_set: DataSet) -> dict[str, list[str]]:
    """Return a file's counts that may be hidden, and its figures that are not about children."""
    if data_set.counted_on == "coverage":
        return {"counts": [], "open": [each.name for each in data_set.indicators]}
    return {
        "counts": [each.name for each in data_set.counts],
        "open": [each.name for each in data_set.indicators if each.is_open],
    }


def _describe_pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "file": pattern.data_set,
        "measure": pattern.measure,
        **({"where": dict(pattern.where)} if pattern.where else {}),
        **({"times": pattern.times} if pattern.times != 1 else {}),
    }


def _describe_tie(tie: Tie) -> dict[str, Any]:
    total, parts = ([_describe_pattern(each) for each in side] for side in (tie.total, tie.parts))
    if tie.over:
        only = tie.total[0]
        cells = {"files": [only.data_set], "measures": [only.measure]}
        where = {"where": dict(only.where)} if only.where else {}
        return {"name": tie.name, tie.kind: {"over": tie.over}, "cells": {**cells, **where}}
    if tie.kind == "same":
        return {"name": tie.name, "same": total}
    if tie.kind == "behind":
        return {"name": tie.name, "behind": {"children": total[0], "printed": parts[0]}}
    if tie.kind == "dominance":
        sides = zip(("several", "episodes", "children"), [*total, *parts], strict=True)
        return {"name": tie.name, "dominance": dict(sides)}
    if tie.kind == "at_least":
        return {"name": tie.name, "at_least": {"greater": total, "less": parts}}
    return {"name": tie.name, tie.kind: {"of": total[0], "parts": parts}}


def describe_derived(data_set: DataSet, others: tuple[DataSet, ...]) -> Iterator[dict[str, Any]]:
    """Yield each derived indicator with the counts behind it; for a ratio, also its formula."""
    for indicator in data_set.indicators:
        derivation = indicator.derivation
        if not derivation or indicator.is_open:
            continue
        own = {"file": data_set.name, "measure": indicator.name}
        if "average" in derivation:
            yield {
                **own,
                **_describe_ratio([derivation["average"], derivation["per"]], 1, indicator),
            }
        elif "rate" in derivation:
            yield from ({**own, **each} for each in _describe_rate(data_set, indicator))
        elif "excess" in derivation:
            yield {**own, "from": [{"measure": name} for name in derivation.values()]}
        elif "percent" in derivation and "of" in derivation:
            only = data_set.get_indicator(derivation["of"]).only
            where = {"where": {name: items[0] for name, items in only.items()}} if only else {}
            ratio = _describe_ratio([derivation["percent"], derivation["of"]], 100, indicator)
            yield {**own, **where, **ratio}
        elif {"percent", "lower", "upper"} & set(derivation):
            yield from ({**own, **each} for each in _describe_share(data_set, indicator))
        else:
            yield {**own, **_describe_coefficient(data_set, indicator, others)}


def _describe_ratio(measures: list[str], times: int, indicator: Indicator) -> dict[str, Any]:
    sources = [{"measure": measure} for measure in measures]
    return {"formula": "ratio", "times": times, "decimals": indicator.dp, "from": sources}


def _describe_rate(data_set: DataSet, indicator: Indicator) -> Iterator[dict[str, Any]]:
    """Yield the count and the denominator behind a rate, for each denominator that rows have."""
    derivation = indicator.derivation
    for per, times in derivation["per"].items():
        only = {**data_set.get_indicator(per).only, **indicator.only}
        where = {"where": {name: items[0] for name, items in only.items()}} if only else {}
        ratio = _describe_ratio([derivation["rate"], per], times, indicator)
        yield {**where, **(ratio if "end" not in derivation else {"from": ratio["from"]})}


def _describe_share(data_set: DataSet, indicator: Indicator) -> Iterator[dict[str, Any]]:
    """Yield the counts behind a share of a total, or behind one end of the share's interval."""
    derivation = indicator.derivation
    part = next(name for name in ("percent", "lower", "upper") if name in derivation)
    total = dict.fromkeys(derivation["of_total_over"], TOTAL)
    formula = {
        "formula": WILSON_FORMULAS.get(part, "ratio"),
        "times": 100,
        "decimals": indicator.dp,
        "from": [{"measure": derivation[part]}, {"measure": derivation[part], "where": total}],
    }
    if not derivation.get("corrected"):
        yield formula
        return
    # A share corrected for linkage error is computed from counts of the central linkage.
    (linkage,) = [each for each in data_set.filters if any(item.linkage for item in each.items)]
    central_counts = [
        {
            "file": CENTRAL_FILE,
            "measure": derivation[part],
            "where": CENTRAL_ITEMS | {"source_status": status},
        }
        for status in SOURCE_STATUSES
    ]
    for item in linkage.items:
        where = {linkage.name: item.name}
        if item.linkage == "corrected":
            yield {"where": where, "from": central_counts}
        else:
            yield {"where": where, **formula}


def _describe_coefficient(
    data_set: DataSet, indicator: Indicator, others: tuple[DataSet, ...]
) -> dict[str, Any]:
    """Return the counts of another file from which a coefficient is derived.

    For a filter that only the other file has, all items except Total are taken. The indicator's
    description or the filter's default may name a single item instead. An end of a range of
    possible tables has a formula, and follows from the totals too.
    """
    formula = next(iter(indicator.derivation))
    is_range = formula in RANGE_FORMULAS
    source, fixed = next(iter(indicator.derivation.values())), indicator.derivation.get("where", {})
    other = next(each for each in others if each.name == source)
    own = {part.name for part in data_set.filters}
    wheres: list[dict[str, str]] = [{}]
    for part in other.filters:
        if part.name in own:
            continue
        default = fixed.get(part.name) or part.default
        items = [default] if default else [i.name for i in part.items if i.name != TOTAL]
        items += [TOTAL] if is_range else []
        wheres = [{**where, part.name: item} for where in wheres for item in items]
    missing = own - {part.name for part in other.filters}
    measure = other.find_count("episodes")
    return {
        **({"where": dict.fromkeys(sorted(missing), TOTAL)} if missing else {}),
        **({"formula": formula, "decimals": indicator.dp} if is_range else {}),
        "from": [{"file": source, "measure": measure, "where": where} for where in wheres],
    }
