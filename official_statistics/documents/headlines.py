"""The headline sentences of a release: each made of shown figures of England, and so checkable.

A sentence is said only where every figure of it is shown. Words for size and direction follow
`change_words`: no sentence says that a change is significant, because none is tested, and none
compares a provisional year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.public_files import (
    LONDON,
    PublicFile,
    number_of,
    place_of,
)

# Shown counts of England are rounded to the nearest 10: a smaller difference may be none.
ROUNDING = 10
ABOUT_THE_SAME = 1.0  # per cent
SLIGHTLY = 5.0  # per cent
Files = Mapping[str, PublicFile]
Make = Callable[[ReleaseFacts, Files], str | None]
BY_AREA, AGREEMENT = "missing_children_by_area", "agreement_by_area"
INTERVIEWS, RECORDING = "return_interviews_by_area", "police_recording_by_area"
MISSING = {"absence_category": "Missing"}
LOOKED_AFTER = {"care_status": "Looked after"}
EXPECTED_BOTH = {"agreement_scope": "Expected in both sources", "source_status": "Both sources"}


@dataclass(frozen=True)
class Headline:
    """One sentence, what it is about, and the file that a reader checks it in."""

    topic: str
    sentence: str
    file: str


def headlines(facts: ReleaseFacts, files: Files) -> tuple[Headline, ...]:
    """Return the sentences that the shown figures of the new year allow, in their order."""
    found = []
    for topic, file, make in SENTENCES:
        sentence = make(facts, files)
        if sentence is not None:
            found.append(Headline(topic, sentence, file))
    return tuple(found)


def year_words(year: int | str) -> str:
    """Return the reporting year in words."""
    return f"the year ending 31 March {year}"


def whole(number: float) -> str:
    """Return a count with a comma between thousands."""
    return f"{number:,.0f}"


def change_words(now: float, before: float) -> str:
    """Return how a count compares with the count before, by the one rule that all pages follow.

    A difference of one rounding step or less, or of under 1 %, is *about the same*; under 5 % is
    *slightly* higher or lower; else the percentage says how much.
    """
    difference = now - before
    if before == 0:
        return f"up from 0 to {whole(now)}" if now else "0, as in the year before"
    percent = 100 * abs(difference) / before
    if abs(difference) <= ROUNDING or percent < ABOUT_THE_SAME:
        return "about the same as in the year before"
    direction = "higher" if difference > 0 else "lower"
    if percent < SLIGHTLY:
        return f"slightly {direction} than in the year before ({percent:.0f}%)"
    return f"{percent:.0f}% {direction} than in the year before"


def _figures(
    files: Files, file: str, year: int, *wanted: tuple[str, dict[str, str]]
) -> list[float]:
    """The figures of England asked for, or none where one of them is a symbol."""
    found = []
    for indicator, items in wanted:
        number = number_of(files[file].national(str(year), indicator, **items))
        if number is None:
            return []
        found.append(number)
    return found


def _change(facts: ReleaseFacts, files: Files) -> str | None:
    file = files[BY_AREA]
    if facts.is_provisional or str(facts.year - 1) not in file.years:
        return None
    now = _figures(files, file.name, facts.year, ("child_count", {}))
    before = _figures(files, file.name, facts.year - 1, ("child_count", {}))
    if not now or not before:
        return None
    return f"The number of children was {change_words(now[0], before[0])}."


def _region(facts: ReleaseFacts, files: Files) -> str | None:
    """The region with most children, where every region's count is shown and one is largest."""
    if facts.is_provisional:
        return None
    file = files[BY_AREA]
    counts = {}
    for row in file.rows_of(str(facts.year), "Regional"):
        code, name = place_of(row)
        if code not in LONDON:
            counts[name] = number_of(row["child_count"])
    shown = [count for count in counts.values() if count is not None]
    if (
        len(shown) != len(counts)
        or len(shown) < 2
        or shown.count(max(shown)) != 1
        or not max(shown)
    ):
        return None
    name = next(name for name, count in counts.items() if count == max(shown))
    return f"Of the regions, {name} had most of these children: {whole(max(shown))}."


def _estimate(facts: ReleaseFacts, files: Files) -> str | None:
    """The estimate is of episodes that both should record, and never below those recorded."""
    seen = _figures(
        files,
        AGREEMENT,
        facts.year,
        ("episode_count", {"agreement_scope": "Expected in both sources"}),
    )
    figures = _figures(
        files,
        "agreement_coefficients",
        facts.year,
        ("absence_estimate", {}),
        ("absence_estimate_lower", {}),
        ("absence_estimate_upper", {}),
    )
    if not seen or not figures or figures[0] < seen[0] - ROUNDING:
        return None
    estimate, lower, upper = figures
    return (
        f"Of episodes that both should have recorded, {whole(seen[0])} were recorded by at least "
        f"one. With those that neither recorded there may have been {whole(estimate)} (95% "
        f"interval {whole(lower)} to {whole(upper)}), if the two record independently."
    )


def _delivered(facts: ReleaseFacts, files: Files) -> str | None:
    """Who delivered anything for a provisional year, by the coverage file."""
    if not facts.is_provisional:
        return None
    bodies = {
        level: sum(
            1
            for row in files["source_coverage"].rows_of(str(facts.year), level)
            if (number_of(row["period_delivered_count"]) or 0) > 0
        )
        for level in ("Local authority", "Police force area")
    }
    if not any(bodies.values()):
        return None
    return (
        f"The year is provisional: {counted(bodies['Local authority'], 'local authority')} and "
        f"{counted(bodies['Police force area'], 'police force')} have delivered for it, and every "
        "figure below is of their areas."
    )


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural where it is one."""
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{whole(count)} {plural}"


def _said_of(
    file: str, words: str, *wanted: tuple[str, dict[str, str]], divided_by: int | None = None
) -> Make:
    """A sentence of figures of one file, in whose `words` each has its place and `year` the year.

    It is said where every figure is shown, and that at the place `divided_by` is not 0.
    """

    def make(facts: ReleaseFacts, files: Files) -> str | None:
        figures = _figures(files, file, facts.year, *wanted)
        if not figures or (divided_by is not None and not figures[divided_by]):
            return None
        return words.format(*figures, year=year_words(facts.year))

    return make


# Each sentence with its topic and the file in which a reader checks it, in their order.
SENTENCES: tuple[tuple[str, str, Make], ...] = (
    ("Who delivered", "source_coverage", _delivered),
    (
        "Children",
        BY_AREA,
        _said_of(
            BY_AREA,
            "In {year}, {0:,.0f} children were missing or away, in {1:,.0f} episodes of any "
            "category.",
            ("child_count", {}),
            ("episode_count", {}),
        ),
    ),
    ("Change", BY_AREA, _change),
    (
        "Children missing",
        BY_AREA,
        _said_of(
            BY_AREA,
            "{0:,.0f} of these children were missing, in {1:,.0f} episodes that a source recorded "
            "as missing above no apparent risk.",
            ("child_count", MISSING),
            ("episode_count", MISSING),
        ),
    ),
    (
        "Police missing incidents",
        RECORDING,
        _said_of(
            RECORDING,
            "The police recorded {0:,.0f} missing incidents at all risk levels, and {1:,.0f} "
            "without no apparent risk.",
            ("incident_count", {}),
            ("incident_count_above_no_risk", {}),
        ),
    ),
    (
        "Looked-after children",
        BY_AREA,
        _said_of(
            BY_AREA,
            "{1:,.0f} of these {0:,.0f} children were looked after when at least one of their "
            "episodes began: {2:.1f}% of all children looked after in the year.",
            ("child_count", {}),
            ("child_count", LOOKED_AFTER),
            ("child_percent", LOOKED_AFTER),
            divided_by=0,
        ),
    ),
    (
        "Repeated episodes",
        BY_AREA,
        _said_of(
            BY_AREA,
            "{0:,.0f} of {1:,.0f} children had more than one episode in the year; the average was "
            "{2:.1f} episodes per child.",
            ("repeat_child_count", {}),
            ("child_count", {}),
            ("episode_average", {}),
            divided_by=1,
        ),
    ),
    (
        "Long episodes",
        BY_AREA,
        _said_of(
            BY_AREA,
            "Between {0:,.0f} and {1:,.0f} of {2:,.0f} episodes lasted more than 24 hours: where "
            "only dates were recorded, the hours have only bounds.",
            ("over_24_hours_count_lower", {}),
            ("over_24_hours_count_upper", {}),
            ("episode_count", {}),
            divided_by=2,
        ),
    ),
    ("Regions", BY_AREA, _region),
    (
        "Two sources",
        AGREEMENT,
        _said_of(
            AGREEMENT,
            "Police and local authority both recorded {0:.1f}% of episodes; the police alone "
            "recorded {1:.1f}%, and the local authority alone {2:.1f}%.",
            ("episode_percent", {"source_status": "Both sources"}),
            ("episode_percent", {"source_status": "Police only"}),
            ("episode_percent", {"source_status": "Authority only"}),
        ),
    ),
    (
        "Expected in both sources",
        AGREEMENT,
        _said_of(
            AGREEMENT,
            "Of episodes that both should have recorded, both did record {0:.1f}% (95% interval "
            "{1:.1f}% to {2:.1f}%).",
            ("episode_percent", EXPECTED_BOTH),
            ("episode_percent_lower", EXPECTED_BOTH),
            ("episode_percent_upper", EXPECTED_BOTH),
        ),
    ),
    ("Estimate", "agreement_coefficients", _estimate),
    (
        "Return interviews",
        INTERVIEWS,
        _said_of(
            INTERVIEWS,
            "A return interview was offered after {0:.1f}% of episodes for which one is due, and "
            "known to be held after {1:.1f}%.",
            ("episode_percent", {"interview_stage": "Offered", "interview_outcome": "Yes"}),
            ("episode_percent", {"interview_stage": "Held", "interview_outcome": "Yes"}),
        ),
    ),
)
