"""The public description of a release's ties (`ties.yaml`), for those who test what it gives away.

Its language is explained in `suppression_attack/README.md`. No count is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from official_statistics.data_sets import TOTAL, DataSet, Filter, Indicator
from official_statistics.protection.primary import LEVELS, Rules
from official_statistics.protection.system import Hierarchies
from official_statistics.protection.ties import Pattern, Tie, ties_of
from register.durable import write_whole

FORMAT = 1
# Of a confidence interval of a share, as the files have them.
WILSON = {"lower": "wilson_lower", "upper": "wilson_upper"}


@dataclass(frozen=True)
class Succession:
    """A release, the one before it, and by year the areas that were made anew since."""

    release: str
    before: str | None = None
    replaced: Mapping[str, list[str]] = field(default_factory=dict)


def ties_file(
    data_sets: Iterable[DataSet],
    rules: Rules,
    areas: Hierarchies,
    succession: Succession,
) -> dict[str, Any]:
    """Return what `ties.yaml` says of a release."""
    data_sets = tuple(data_sets)
    before, replaced = succession.before, succession.replaced
    return {
        "format": FORMAT,
        "release": succession.release,
        **({"before": before, "replaced": dict(replaced)} if before else {}),
        "symbols": {"hidden": ["c"], "unknown": ["x"], "none": ["z", "u", "low"]},
        "rounding": {level: rules.unit(level) for level in LEVELS},
        "smallest_hidden": 1,
        "smallest_shown": rules.few_children_most + 1,
        "dominance_share": rules.dominance_share,
        "fewest_numbers": rules.hidden_width_least,
        "areas": {
            name: {
                "parents": dict(sorted(parents.items())),
                "incomplete": sorted(areas.incomplete.get(name, ())),
            }
            for name, parents in areas.parents.items()
        },
        "files": {each.name: _file(each) for each in data_sets},
        "ties": [_tie(tie) for tie in ties_of(data_sets)],
        "derived": [one for each in data_sets for one in _derived(each, data_sets)],
    }


CENTRAL_FILE = "agreement_by_area"
CENTRAL = {"care_status": TOTAL, "agreement_scope": "All episodes"}
STATUSES = ("Both sources", "Police only", "Authority only")


def write_ties_file(path: Path, content: Mapping[str, Any]) -> None:
    """Write `ties.yaml`: the same content, the same bytes."""
    words = yaml.safe_dump(
        dict(content), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    write_whole(path, words.encode(), mode=0o644)


def _file(data_set: DataSet) -> dict[str, list[str]]:
    """Counts that are rounded and hidden, and figures about no child, which are open."""
    if data_set.counted_on == "coverage":
        return {"counts": [], "open": [each.name for each in data_set.indicators]}
    return {
        "counts": [each.name for each in data_set.counts],
        "open": [each.name for each in data_set.indicators if "sample" in each.made],
    }


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "file": pattern.data_set,
        "measure": pattern.measure,
        **({"where": dict(pattern.where)} if pattern.where else {}),
        **({"times": pattern.times} if pattern.times != 1 else {}),
    }


def _tie(tie: Tie) -> dict[str, Any]:
    total, parts = [_pattern(each) for each in tie.total], [_pattern(each) for each in tie.parts]
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


def _derived(data_set: DataSet, others: tuple[DataSet, ...]) -> Iterator[dict[str, Any]]:
    """The counts that each made indicator follows from, with the formula where it is a ratio."""
    for indicator in data_set.indicators:
        made = indicator.made
        if not made or "sample" in made:
            continue
        own = {"file": data_set.name, "measure": indicator.name}
        if "average" in made:
            yield {**own, **_ratio([made["average"], made["per"]], 1, indicator)}
        elif "percent" in made and "of" in made:
            where = _exists(data_set, made["of"])
            yield {**own, **where, **_ratio([made["percent"], made["of"]], 100, indicator)}
        elif {"percent", "lower", "upper"} & set(made):
            yield from ({**own, **each} for each in _share_of_total(data_set, indicator))
        else:
            source, fixed = next(iter(made.values())), made.get("where", {})
            yield {**own, **_from_other(data_set, source, others, fixed)}


def _ratio(measures: list[str], times: int, indicator: Indicator) -> dict[str, Any]:
    sources = [{"measure": each} for each in measures]
    return {"formula": "ratio", "times": times, "decimals": indicator.dp, "from": sources}


def _exists(data_set: DataSet, measure: str) -> dict[str, Any]:
    where = {name: items[0] for name, items in data_set.indicator(measure).only.items()}
    return {"where": where} if where else {}


def _share_of_total(data_set: DataSet, indicator: Indicator) -> Iterator[dict[str, Any]]:
    made = indicator.made
    verb = next(each for each in ("percent", "lower", "upper") if each in made)
    whole = dict.fromkeys(made["of_total_over"], TOTAL)
    sources = [{"measure": made[verb]}, {"measure": made[verb], "where": whole}]
    formula = {
        "formula": WILSON.get(verb, "ratio"),
        "times": 100,
        "decimals": indicator.dp,
        "from": sources,
    }
    if not made.get("corrected"):
        yield formula
        return
    # Corrected for error of the linkage: a function of the counts of the central linkage.
    (linkage,) = [each for each in data_set.filters if any(item.linkage for item in each.items)]
    for item in linkage.items:
        if item.linkage != "corrected":
            yield {"where": {linkage.name: item.name}, **formula}
            continue
        # The central linkage is the base, and its counts are those of file 6.
        moved = [
            {
                "file": CENTRAL_FILE,
                "measure": made[verb],
                "where": CENTRAL | {"source_status": each},
            }
            for each in STATUSES
        ]
        yield {"where": {linkage.name: item.name}, "from": moved}


def _from_other(
    data_set: DataSet, source: str, others: tuple[DataSet, ...], fixed: Mapping[str, str]
) -> dict[str, Any]:
    """A coefficient of another file's counts: every item but totals, at the default elsewhere.

    `fixed` are the items of that file which the coefficient is of.
    """
    other = next(each for each in others if each.name == source)
    own = {each.name for each in data_set.filters}
    wheres: list[dict[str, str]] = [{}]
    for each in other.filters:
        if each.name not in own:
            items = [fixed[each.name]] if each.name in fixed else _items(each)
            wheres = [{**where, each.name: item} for where in wheres for item in items]
    measure = next(each.name for each in other.counts if each.of == "episodes")
    missing = own - {each.name for each in other.filters}
    return {
        **({"where": dict.fromkeys(sorted(missing), TOTAL)} if missing else {}),
        "from": [{"file": source, "measure": measure, "where": where} for where in wheres],
    }


def _items(part: Filter) -> list[str]:
    if part.default:
        return [part.default]
    return [item.name for item in part.items if item.name != TOTAL]
