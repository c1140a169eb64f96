"""The headline sentences of a release: each made of shown figures of England, and so checkable.

A sentence is said only where every figure of it is shown. Words for size and direction follow
`change_words`: no sentence says that a change is significant, because none is tested, and none
compares a provisional year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from register.statistics.documents.facts import ReleaseFacts
from register.statistics.documents.public_files import (
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


def _children(facts: ReleaseFacts, files: Files) -> str | None:
    figures = _figures(
        files,
        "missing_children_by_area",
        facts.year,
        ("child_count", {}),
        ("episode_count", {}),
    )
    if not figures:
        return None
    children, episodes = figures
    return (
        f"In {year_words(facts.year)}, {whole(children)} children were missing, or away from their "
        f"placement without authorisation, in {whole(episodes)} episodes."
    )


def _looked_after(facts: ReleaseFacts, files: Files) -> str | None:
    looked_after = {"care_status": "Looked after"}
    figures = _figures(
        files,
        "missing_children_by_area",
        facts.year,
        ("child_count", {}),
        ("child_count", looked_after),
        ("child_percent", looked_after),
    )
    if not figures or not figures[0]:
        return None
    children, part, percent = figures
    return (
        f"{whole(part)} of these {whole(children)} children were looked after when at least one of "
        f"their episodes began: {percent:.1f}% of all children looked after in the year."
    )


def _change(facts: ReleaseFacts, files: Files) -> str | None:
    file = files["missing_children_by_area"]
    if facts.is_provisional or str(facts.year - 1) not in file.years:
        return None
    now = _figures(files, file.name, facts.year, ("child_count", {}))
    before = _figures(files, file.name, facts.year - 1, ("child_count", {}))
    if not now or not before:
        return None
    return f"The number of children was {change_words(now[0], before[0])}."


def _repeated(facts: ReleaseFacts, files: Files) -> str | None:
    figures = _figures(
        files,
        "missing_children_by_area",
        facts.year,
        ("repeat_child_count", {}),
        ("child_count", {}),
        ("episode_average", {}),
    )
    if not figures or not figures[1]:
        return None
    repeated, children, average = figures
    return (
        f"{whole(repeated)} of {whole(children)} children had more than one episode in the year; "
        f"the average was {average:.1f} episodes per child."
    )


def _agreement(facts: ReleaseFacts, files: Files) -> str | None:
    figures = _figures(
        files,
        "agreement_by_area",
        facts.year,
        *(
            ("episode_percent", {"source_status": status})
            for status in ("Both sources", "Police only", "Authority only")
        ),
    )
    if not figures:
        return None
    both, police, authority = figures
    return (
        f"Police and local authority both recorded {both:.1f}% of episodes; the police alone "
        f"recorded {police:.1f}%, and the local authority alone {authority:.1f}%."
    )


def _expected(facts: ReleaseFacts, files: Files) -> str | None:
    items = {"agreement_scope": "Expected in both sources", "source_status": "Both sources"}
    figures = _figures(
        files,
        "agreement_by_area",
        facts.year,
        ("episode_percent", items),
        ("episode_percent_lower", items),
        ("episode_percent_upper", items),
    )
    if not figures:
        return None
    share, lower, upper = figures
    return (
        f"Of episodes that both should have recorded, both did record {share:.1f}% "
        f"(95% interval {lower:.1f}% to {upper:.1f}%)."
    )


def _over_24_hours(facts: ReleaseFacts, files: Files) -> str | None:
    figures = _figures(
        files,
        "missing_children_by_area",
        facts.year,
        ("over_24_hours_count_lower", {}),
        ("over_24_hours_count_upper", {}),
        ("episode_count", {}),
    )
    if not figures or not figures[2]:
        return None
    lower, upper, episodes = figures
    return (
        f"Between {whole(lower)} and {whole(upper)} of {whole(episodes)} episodes lasted more than "
        "24 hours: where only dates were recorded, the hours are not known."
    )


def _interviews(facts: ReleaseFacts, files: Files) -> str | None:
    figures = _figures(
        files,
        "return_interviews_by_area",
        facts.year,
        ("episode_percent", {"interview_stage": "Offered", "interview_outcome": "Yes"}),
        ("episode_percent", {"interview_stage": "Held", "interview_outcome": "Yes"}),
    )
    if not figures:
        return None
    offered, held = figures
    return (
        f"A return interview was offered after {offered:.1f}% of episodes for which one is due, "
        f"and known to be held after {held:.1f}%."
    )


def _region(facts: ReleaseFacts, files: Files) -> str | None:
    """The region with most children, where every region's count is shown and one is largest."""
    if facts.is_provisional:
        return None
    file = files["missing_children_by_area"]
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
        "agreement_by_area",
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


Make = Callable[[ReleaseFacts, Files], str | None]
SENTENCES: tuple[tuple[str, str, Make], ...] = (
    ("Who delivered", "source_coverage", _delivered),
    ("Children", "missing_children_by_area", _children),
    ("Change", "missing_children_by_area", _change),
    ("Looked-after children", "missing_children_by_area", _looked_after),
    ("Repeated episodes", "missing_children_by_area", _repeated),
    ("Long episodes", "missing_children_by_area", _over_24_hours),
    ("Regions", "missing_children_by_area", _region),
    ("Two sources", "agreement_by_area", _agreement),
    ("Expected in both sources", "agreement_by_area", _expected),
    ("Estimate", "agreement_coefficients", _estimate),
    ("Return interviews", "return_interviews_by_area", _interviews),
)
