"""What changed since the last generation that was measured, and why.

Counts come from the kept results, which outlive the generations they were measured on. Which
deliveries replaced which, and which areas' figures moved, is read from the earlier generation for
as long as it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.published import Published
from expectations.results import Result, measured_generations, read_results, wholes
from expectations.site.causes import Causes, find_causes
from expectations.site.sources import Row
from expectations.suites.tolerances import figure_text
from register.settings import Settings

MINUS = "\N{MINUS SIGN}"
# Expectations whose observed values say what the register holds.
HOLDINGS = {
    "coverage_register_children": "Children",
    "coverage_register_episodes": "Episodes",
    "coverage_register_reports": "Reports",
    "agreement_both": "Share of episodes held by both",
}


@dataclass(frozen=True)
class ChangedFigure:
    """One measure, before and now, as text."""

    label: str
    before: str
    now: str
    difference: str


@dataclass(frozen=True)
class ChangedVerdict:
    """An expectation whose status is not what it was."""

    before: Result
    now: Result


@dataclass(frozen=True)
class Changes:
    """Everything that changed; `before` is None for the first generation.

    `causes` is None when the earlier generation is no longer kept.
    """

    before: str | None
    figures: list[ChangedFigure]
    verdicts: list[ChangedVerdict]
    causes: Causes | None


def find_changes(
    settings: Settings, published: Published, now: list[Result], deliveries: list[Row]
) -> Changes:
    """Compare the results `now` with those of the generation measured before it."""
    generation = now[0].generation
    earlier = [name for name in measured_generations(settings) if name < generation]
    if not earlier:
        return Changes(None, [], [], None)
    before = wholes(read_results(settings, earlier[-1]))
    current = wholes(now)
    return Changes(
        before=earlier[-1],
        figures=[
            _changed_figure(label, before[name], current[name])
            for name, label in HOLDINGS.items()
            if name in before and name in current
        ],
        verdicts=[
            ChangedVerdict(before[name], result)
            for name, result in current.items()
            if name in before and before[name].status != result.status
        ],
        causes=find_causes(
            published,
            settings.published / earlier[-1],
            settings.published / generation,
            deliveries,
        ),
    )


def _changed_figure(label: str, before: Result, now: Result) -> ChangedFigure:
    difference = "not known"
    if before.observed_value is not None and now.observed_value is not None:
        change = now.observed_value - before.observed_value
        sign = "+" if change > 0 else MINUS if change < 0 else ""
        difference = sign + figure_text(now.measure, abs(change))
        if now.measure == "share":
            difference = f"{sign}{abs(change) * 100:.1f} points"
    return ChangedFigure(label, before.observed_text, now.observed_text, difference)
