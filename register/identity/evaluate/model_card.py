"""The model card: what the model of the package is for, was trained on, weighs, and where it fails.

Weights, thresholds and caps are read from the model; what no model contains is in
`model_card.yaml`. Method: Mitchell and others (2019), Model cards for model reporting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from register.identity.score import Model, level_differences

FACTS = Path(__file__).with_name("model_card.yaml")


def read_card_facts() -> dict[str, Any]:
    """What the card says that is not in the model."""
    # Every value as it is written: a figure keeps its last digits.
    text = FACTS.read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text alone
    return found


def model_card(model: Model) -> str:
    """Return the card of a model as Markdown, the same for the same model and facts."""
    facts = read_card_facts()
    parts: list[str] = [
        "# Model card",
        facts["about"],
        _table(("", ""), _identity(model)),
        "## Intended use",
        _list(facts["intended_use"]),
        "Not for:",
        _list(facts["not_for"]),
        "## Training",
        _list(facts["trained_on"]),
        "Not trained on:",
        _list(facts["not_trained_on"]),
        "## Quality, held out",
        f"**Worse of two nations: {facts['worse']['headline']}.**",
        *_quality(facts["worse"], model),
        *_quality(facts["better"], model),
        "## Where it fails",
        _list(facts["fails"]),
        "## Thresholds",
        "Match weights in bits, at the prior of the load.",
        _table(("link", "review", "strict", "loose"), [_thresholds(model)]),
        "## Weights",
        facts["weights"],
        *_weights(model),
        "## Caps",
        "A pair under a cap is in review at most, whatever its weight.",
        _table(
            ("cap", "overstated by (bits)", "reason"),
            ((cap.name, f"{cap.overstated_by:.1f}", cap.reason) for cap in model.caps),
        ),
        "## Calibrations",
        facts["calibrations"],
        _table(("kind of pair", "slope", "offset (bits)", "where"), _calibrations(model)),
        "## Training on a home",
        facts["training_on_a_home"],
    ]
    return "\n\n".join(parts) + "\n"


def _identity(model: Model) -> list[tuple[str, str]]:
    return [
        ("version", model.version),
        ("trained", model.trained_at),
        ("records", f"{model.record_count:,}"),
        ("comparisons", f"{len(model.comparisons)}"),
        (
            "prior",
            f"{model.probability_two_random_records_match:.2e} (each load estimates its own)",
        ),
        ("method", "Fellegi and Sunter (1969), by Splink " + model.splink_version),
        ("hash of the training records", model.data_hash[:16]),
    ]


def _thresholds(model: Model) -> tuple[str, ...]:
    levels = model.thresholds
    return tuple(f"{each:g}" for each in (levels.link, levels.review, levels.strict, levels.loose))


def _quality(measured: dict[str, Any], model: Model) -> list[str]:
    """A nation's tables, with a word where another version of the model was measured."""
    of = measured["model_version"]
    stale = "" if of == model.version else " Not measured again with the model of this card."
    return [
        f"### {measured['name']}",
        f"Measured on {measured['measured_on']} with model {of}, `{measured['command']}`;"
        f" {measured['headline']}.{stale}",
        _table(measured["columns"], measured["rows"]),
        _table(measured["group_columns"], measured["groups"]),
    ]


def _weights(model: Model) -> list[str]:
    """A table for each comparison, the closest level first."""
    parts: list[str] = []
    levels = level_differences(model, model)
    for name in model.comparison_names:
        rows = [
            (
                each.level,
                f"{each.m:.4f}",
                f"{each.u:.2e}",
                f"{each.weight:+.2f}" + (" (by hand)" if each.is_fixed else ""),
            )
            for each in levels
            if each.comparison == name
        ]
        parts += [f"### {name}", _table(("level", "m", "u", "weight"), rows)]
    return parts


def _calibrations(model: Model) -> list[tuple[str, ...]]:
    """A row for each kind of pair: what its weights become, and which pairs are of it."""
    return [
        (
            each.name,
            f"{each.slope:.2f}",
            f"{each.offset:+.1f}",
            "; ".join(f"{name}: {', '.join(labels)}" for name, labels in each.when.items())
            or "of this name",
        )
        for each in model.calibrations
    ]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
