"""The model card: the purpose, training data, weights and limits of the packaged model.

Weights, thresholds and caps come from the model, other facts from `model_card.yaml`. The form
follows Mitchell and others (2019), Model cards for model reporting.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import yaml

from register.identity.score import Model, level_differences

FOLDER = Path(__file__).parent


def read_card_facts() -> dict[str, Any]:
    """Return the card's facts that are not in the model, with every figure as text."""
    text = (FOLDER / "model_card.yaml").read_text(encoding="utf-8")
    facts: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text alone
    return facts


def model_card(model: Model) -> str:
    """Return the model card as Markdown."""
    environment = jinja2.Environment(  # noqa: S701 - Markdown, and no text from outside
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    levels = level_differences(model, model)
    return environment.get_template("model_card.md.jinja").render(
        model=model,
        facts=read_card_facts(),
        levels_by_comparison={
            name: list(own) for name, own in groupby(levels, lambda level: level.comparison)
        },
    )
