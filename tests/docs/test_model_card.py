"""The model card is that of the pinned model, and its figures are those of the linkage page."""

from __future__ import annotations

import re

from register.identity.evaluate import model_card, read_card_facts
from register.identity.score import load_model
from register.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
COMMAND = "write it again: `register identity card --out docs/model-card.md`"


def test_the_committed_card_is_that_of_the_pinned_model() -> None:
    """Prevents a card of a model that links nothing any more."""
    committed = (DOCS / "model-card.md").read_text(encoding="utf-8")
    assert committed == model_card(load_model()), COMMAND


def test_the_cards_figures_are_those_of_the_linkage_page() -> None:
    """Prevents a card that says better than what was measured."""
    page = " ".join((DOCS / "linkage-quality.md").read_text(encoding="utf-8").split())
    facts = read_card_facts()
    for nation in (facts["worse"], facts["better"]):
        cells = [cell for row in nation["rows"] for cell in row[1:]]
        cells += [cell for row in nation["groups"] for cell in row[1:]]
        assert len(cells) > 10
        missing = [cell for cell in cells if not re.search(rf"(?<![\d.]){re.escape(cell)}", page)]
        assert missing == []
        assert nation["model_version"] in page


def test_the_worse_nation_is_the_headline() -> None:
    """Prevents a card that leads with the nation of the training set."""
    facts = read_card_facts()
    worst = [
        min(float(row[1].split()[0]) for row in facts[name]["rows"]) for name in ("worse", "better")
    ]
    assert worst[0] < worst[1]
    assert "recall of unaccompanied children 0.606" in model_card(load_model()).split("###")[0]
