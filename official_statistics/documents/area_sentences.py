"""The sentences to quote on the page of an area, made from its shown figures.

`area_sentences.yaml` has the sentences and says when each applies; `area_figures` has the rules of
comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from official_statistics.documents.area_comparison import AreaComparison
from official_statistics.documents.area_figures import Area, FigureIndex
from official_statistics.documents.headlines import fill_sentence
from official_statistics.documents.public_files import format_figure, parse_number
from register.yaml_file import read_yaml

SENTENCES = Path(__file__).with_name("area_sentences.yaml")
MOST_SENTENCES = 3
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class AreaSentence:
    """One sentence, its topic, and the file in which a reader can check it."""

    topic: str
    text: str
    file: str


@cache
def read_area_sentences() -> Mapping[str, list[dict[str, Any]]]:
    """Return the entries of `area_sentences.yaml` by geographic level."""
    sentences: Mapping[str, list[dict[str, Any]]] = read_yaml(SENTENCES)
    return sentences


def write_area_sentences(
    area: Area, comparison: AreaComparison, figures: FigureIndex
) -> tuple[AreaSentence, ...]:
    """Return the first three sentences that apply to an area, each of another topic.

    If figures of the area are hidden, sentences about the region, England or the deliveries apply.
    """
    conditions = {
        "count": comparison.now.count,
        "change": comparison.change,
        "neighbours": comparison.beside_neighbours,
        "nation": comparison.beside_nation,
        "region_rate": _is_shown(comparison.region.rate),
        "nation_rate": _is_shown(comparison.nation.rate),
    }
    words = {
        "area": area.name,
        "year": f"the year ending 31 March {comparison.year}",
        "year_before": f"the year ending 31 March {comparison.year - 1}",
        "short_year": f"the year ending March {comparison.year}",
        "short_year_before": f"the year ending March {comparison.year - 1}",
        "before": format_figure(comparison.before.count),
        "nation_rate": comparison.nation.rate,
        "region": area.region_name,
        "region_rate": comparison.region.rate,
        "median": format_rate(comparison.median),
        "peers": describe_peers(comparison.shown_neighbours, len(comparison.neighbours)),
    }
    sentences: dict[str, AreaSentence] = {}
    for entry in read_area_sentences()[area.level]:
        is_met = all(conditions[name] == value for name, value in entry.get("when", {}).items())
        if entry["topic"] in sentences or not is_met:
            continue
        file = entry.get("file", comparison.measure.file)
        read_figure = partial(_read_figure, figures, file, comparison.year, area.place)
        text = fill_sentence(entry, read_figure, words)
        if text is not None:
            sentences[entry["topic"]] = AreaSentence(entry["topic"], text, file)
    return tuple(sentences.values())[:MOST_SENTENCES]


def format_rate(rate: float | None) -> str:
    """Return a computed rate with two decimals, as files show rates; empty without a rate."""
    return "" if rate is None else f"{rate:.2f}"


def describe_peers(shown_count: int, count: int) -> str:
    """Return words for the statistical neighbours whose rates a median is of."""
    if shown_count == count:
        return f"its {NUMBERS[count]} statistical neighbours"
    return f"{NUMBERS[shown_count]} of its {NUMBERS[count]} statistical neighbours"


def _is_shown(text: str) -> bool:
    return parse_number(text) is not None


def _read_figure(
    figures: FigureIndex, file: str, year: int, place: tuple[str, str], **figure: str
) -> str:
    return figures.read(file, year, place, figure)
