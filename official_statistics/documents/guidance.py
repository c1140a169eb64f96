"""The data guidance of a release: what each file holds, and what of it adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from official_statistics.data_sets import TOTAL, DataSet, Filter
from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.headlines import year_words
from official_statistics.documents.public_files import PublicFile
from register.yaml_file import read_yaml

NOTES = Path(__file__).with_name("notes.yaml")
SYMBOLS = {
    "c": "confidential: hidden so that no child can be found",
    "z": "not applicable: the row cannot have the figure",
    "x": "not available: the period was not delivered, which is not the same as 0",
    "low": "rounds to 0 and is not 0",
    "u": "low reliability: the shown denominator is under 20",
}


def guidance_text(facts: ReleaseFacts, files: Mapping[str, PublicFile]) -> str:
    """Return `guidance.md`: symbols, rounding, then each file with its columns and notes."""
    lines = [
        f"# Data guidance: {facts.title}",
        "",
        f"Figures for {year_words(facts.year)} and the years before it. {notes()['scope']}",
        "",
    ]
    if facts.provisional_reason:
        lines += [f"**The year {facts.year} is provisional.** {facts.provisional_reason}", ""]
    lines += ["## Symbols", "", "| symbol | meaning |", "|---|---|"]
    lines += [f"| `{symbol}` | {meaning} |" for symbol, meaning in SYMBOLS.items()]
    lines += [
        "",
        "Every count is rounded, and every percentage, average and interval is made from rounded",
        "counts. So parts may not add up to their total exactly. See `confidentiality.md`.",
        "",
        "## Files",
        "",
    ]
    for file in files.values():
        lines += _file_lines(facts, file)
    return "\n".join(lines) + "\n"


@cache
def notes() -> Mapping[str, Any]:
    """Return what a reader must know of every file, from `notes.yaml`."""
    found: Mapping[str, Any] = read_yaml(NOTES)
    return found


def file_notes(data_set: DataSet) -> list[str]:
    """Return the notes of one file: its own, and that on care where it has that filter."""
    found = list(notes()["files"][data_set.name])
    if any(one.name == "care_status" for one in data_set.filters):
        found.append(notes()["care_status"])
    return found


def _file_lines(facts: ReleaseFacts, file: PublicFile) -> Iterator[str]:
    data_set = file.data_set
    provisional = f" ({facts.year} provisional)" if facts.is_provisional else ""
    yield f"### {data_set.number}. {data_set.title}{provisional}"
    yield ""
    yield f"`data/{data_set.name}.csv`, {len(file.rows):,} rows."
    yield f"Levels: {', '.join(data_set.levels)}. Years: {', '.join(file.years)}."
    yield ""
    yield "| filter | items | counts of its items |"
    yield "|---|---|---|"
    for one in data_set.filters:
        yield f"| {one.label} (`{one.name}`) | {_items(one)} | {_sums(one)} |"
    yield ""
    yield "| indicator | unit | decimals | made from |"
    yield "|---|---|---|---|"
    for indicator in data_set.indicators:
        made = "counted" if indicator.is_count else "shown counts alone"
        if "sample" in indicator.made:
            made = "the sample of pairs"
        unit = indicator.unit or "number"
        yield f"| {indicator.label} (`{indicator.name}`) | {unit} | {indicator.dp} | {made} |"
    yield ""
    yield from (f"- {note}" for note in file_notes(data_set))
    yield ""


def _items(one: Filter) -> str:
    default = f"; default {one.default}" if one.default else ""
    return "; ".join(one.item_names) + default


def _sums(one: Filter) -> str:
    """Whether the items of a filter add up to its Total, in words."""
    topics = dict.fromkeys(item.topic for item in one.items if item.one_a_child and item.topic)
    divides = one.divides or any(item.divides for item in one.items)
    known = (
        (one.groups is not None, "a topic groups items, and has no counts of its own"),
        (one.nests, "each item is part of the one before it"),
        (TOTAL not in one.item_names, "not to be added"),
        (one.in_cell, "add up within one row's area and care status"),
        (not divides, "do not add up to the Total"),
        (one.one_a_child, "add up to the Total"),
        (bool(topics), f"episodes add up within a topic; children only of {', '.join(topics)}"),
        (True, "episodes add up to the Total; a child may be in several"),
    )
    return next(words for is_so, words in known if is_so)
