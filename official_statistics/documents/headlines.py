"""The headline sentences of a release. They use only shown figures, so anyone can check them.

A sentence appears only if all its figures are shown. The words for a change are chosen by
`describe_change`. No change is called significant, because none is tested, and provisional years
are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.public_files import (
    LONDON_PARTS,
    PublicFile,
    format_count,
    parse_number,
    read_place,
)
from register.yaml_file import read_yaml

SENTENCES = Path(__file__).with_name("headlines.yaml")
# Published counts of England are rounded to the nearest 10, so a difference below 10 may not be
# real.
ROUNDING = 10
ABOUT_THE_SAME = 1.0  # per cent
SLIGHTLY = 5.0  # per cent
BY_AREA = "missing_children_by_area"
Files = Mapping[str, PublicFile]
# Returns a figure of one place and year as the file shows it, by its indicator and items.
ReadFigure = Callable[..., str]


@dataclass(frozen=True)
class Headline:
    """One sentence, its topic, and the file in which a reader can check it."""

    topic: str
    sentence: str
    file: str


@cache
def read_sentences() -> list[dict[str, Any]]:
    """Return the topics of `headlines.yaml` with their files, sentences and figures."""
    sentences: list[dict[str, Any]] = read_yaml(SENTENCES)
    return sentences


def write_headlines(facts: ReleaseFacts, files: Files) -> tuple[Headline, ...]:
    """Return, in order, the headline sentences of the new year whose figures are all shown."""
    headlines = []
    for entry in read_sentences():
        topic, file = entry["topic"], entry["file"]
        if topic in WRITERS:
            sentence = WRITERS[topic](facts, files)
        else:
            figures = partial(files[file].read_national, facts.year)
            sentence = fill_sentence(entry, figures, {"year": facts.year_in_words})
        if sentence is not None:
            headlines.append(Headline(topic, sentence, file))
    return tuple(headlines)


def fill_sentence(
    entry: Mapping[str, Any], read_figure: ReadFigure, words: Mapping[str, object]
) -> str | None:
    """Return a sentence with its figures and words, or None if a figure is not shown.

    `entry` has the sentence and its figures, if any, as in `headlines.yaml`.
    """
    figures: dict[str, float] = {}
    for name, figure in entry.get("figures", {}).items():
        number = parse_number(read_figure(**figure))
        if number is None:
            return None
        figures[name] = number
    if figures.get(entry.get("not_zero", ""), 1) == 0:
        return None
    sentence: str = entry["sentence"]
    return sentence.format(**figures, **words)


def describe_change(now: float, before: float) -> str:
    """Return words that compare a count with the year before.

    A difference of at most one rounding step, or of under 1 %, is *about the same*. Any other
    difference is given as a percentage, and called *slightly* higher or lower if under 5 %.
    """
    difference = now - before
    if before == 0:
        return f"up from 0 to {format_count(now)}" if now else "0, as in the year before"
    percent = 100 * abs(difference) / before
    if abs(difference) <= ROUNDING or percent < ABOUT_THE_SAME:
        return "about the same as in the year before"
    direction = "higher" if difference > 0 else "lower"
    if percent < SLIGHTLY:
        return f"slightly {direction} than in the year before ({percent:.0f}%)"
    return f"{percent:.0f}% {direction} than in the year before"


def _write_change(facts: ReleaseFacts, files: Files) -> str | None:
    file = files[BY_AREA]
    if facts.is_provisional or str(facts.year - 1) not in file.years:
        return None
    now, before = (
        parse_number(file.read_national(year, "child_count"))
        for year in (facts.year, facts.year - 1)
    )
    if now is None or before is None:
        return None
    return f"The number of children was {describe_change(now, before)}."


def _write_largest_region(facts: ReleaseFacts, files: Files) -> str | None:
    """Name the region with the most children.

    Return None if the year is provisional, or if the count of any region is hidden. Also return
    None if no single region has the largest count.
    """
    if facts.is_provisional:
        return None
    counts = {}
    for row in files[BY_AREA].select_rows(facts.year, "Regional"):
        code, name = read_place(row)
        if code not in LONDON_PARTS:
            count = parse_number(row["child_count"])
            if count is None:
                return None
            counts[name] = count
    largest = max(counts.values(), default=0)
    names = [name for name, count in counts.items() if count == largest]
    if len(counts) < 2 or len(names) != 1 or not largest:
        return None
    return f"Of the regions, {names[0]} had most of these children: {format_count(largest)}."


def _write_agreement_of_categories(facts: ReleaseFacts, files: Files) -> str | None:
    """Write a sentence with Cohen's kappa, or with its range if counts behind it are hidden."""
    kappa, lower, upper, minimum, maximum = (
        parse_number(
            files["agreement_coefficients"].read_national(facts.year, f"category_kappa{end}")
        )
        for end in ("", "_lower", "_upper", "_minimum", "_maximum")
    )
    subject = "Cohen's kappa of the two sources' categories was"
    scale = "At 1 they agree always, and at 0 no more than by chance."
    if kappa is not None and lower is not None and upper is not None:
        return f"{subject} {kappa:.3f} (95% interval {lower:.3f} to {upper:.3f}). {scale}"
    if kappa is not None or minimum is None or maximum is None:
        return None
    return (
        f"{subject} between {minimum:.3f} and {maximum:.3f}. {scale} It is a range because some "
        "counts are hidden."
    )


def _write_estimate(facts: ReleaseFacts, files: Files) -> str | None:
    """Write a sentence about the estimate of episodes that both sources should have recorded.

    Return None if a figure is not shown. Also return None if the estimate is below the recorded
    number by more than rounding explains.
    """
    scope = "Expected in both sources"
    recorded = parse_number(
        files["agreement_by_area"].read_national(facts.year, "episode_count", agreement_scope=scope)
    )
    estimate, lower, upper = (
        parse_number(
            files["agreement_coefficients"].read_national(facts.year, f"absence_estimate{end}")
        )
        for end in ("", "_lower", "_upper")
    )
    if not recorded or estimate is None or lower is None or upper is None:
        return None
    if estimate < recorded - ROUNDING:
        return None
    return (
        f"Of the episodes that both sources should have recorded, {format_count(recorded)} were "
        "recorded by at least one of them. With those that neither recorded there may have been "
        f"{format_count(estimate)} (95% interval {format_count(lower)} to {format_count(upper)}), "
        "if the two sources record independently of each other."
    )


def _write_deliveries(facts: ReleaseFacts, files: Files) -> str | None:
    """Say how many suppliers delivered at least one file for a provisional year."""
    if not facts.is_provisional:
        return None
    authorities, forces = (
        sum(
            (parse_number(row["period_delivered_count"]) or 0) > 0
            for row in files["source_coverage"].select_rows(facts.year, level)
        )
        for level in ("Local authority", "Police force area")
    )
    if not authorities and not forces:
        return None
    return (
        "The year is provisional: "
        f"{format_count(authorities)} local {'authority' if authorities == 1 else 'authorities'} "
        f"and {format_count(forces)} police {'force' if forces == 1 else 'forces'} have delivered "
        "data for it, and every figure below is for their areas only."
    )


WRITERS: dict[str, Callable[[ReleaseFacts, Files], str | None]] = {
    "Who delivered": _write_deliveries,
    "Change": _write_change,
    "Regions": _write_largest_region,
    "Agreement of categories": _write_agreement_of_categories,
    "Estimate": _write_estimate,
}
