"""The model card: what the model of the package is for, was trained on, weighs, and where it fails.

Weights, thresholds and caps are read from the model; facts that no model contains are in
`model_card.yaml`. Method: Mitchell and others (2019), Model cards for model reporting.
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
    """Return the facts of the card that are not in the model; every figure as it is written."""
    text = (FOLDER / "model_card.yaml").read_text(encoding="utf-8")
    facts: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text alone
    return facts


def model_card(model: Model) -> str:
    """Return the card of a model as Markdown, the same for the same model and facts."""
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
