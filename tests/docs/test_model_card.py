"""The model card is that of the pinned model; its figures are the seed's, quoted there alone."""

from __future__ import annotations

import csv

from register.identity.evaluate import model_card, read_card_facts
from register.identity.score import load_model
from register.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
SEED_FILE = PROJECT_ROOT / "seeds" / "ref__linkage_quality_held_out.csv"
# Rows of the card whose figures the seed has: of which nation, pairs and part.
ROWS_OF_THE_SEED = {
    "seed 11": ("11", "all", "all"),
    "seed 11 without planted cases": ("11", "all", "without_planted"),
    "seed 12": ("12", "all", "all"),
    "seed 12 without planted cases": ("12", "all", "without_planted"),
    "seed 71, three tenths, all pairs": ("71", "all", "all"),
    "seed 71, three tenths, between the sources": ("71", "between", "all"),
}
COMMAND = "write it again: `register identity card --out docs/reference/model-card.md`"


def test_the_committed_card_is_that_of_the_pinned_model() -> None:
    """Prevents a card of a model that links nothing any more."""
    committed = (DOCS / "reference" / "model-card.md").read_text(encoding="utf-8")
    assert committed == model_card(load_model()), COMMAND


def test_the_cards_figures_are_quoted_nowhere_else() -> None:
    """Prevents two pages with one measurement, of which one goes stale."""
    page = (DOCS / "reference" / "linkage-measurements.md").read_text(encoding="utf-8")
    facts = read_card_facts()
    for nation in (facts["worse"], facts["better"]):
        cells = [cell for row in nation["rows"] for cell in row[1:] if "-" in cell]
        assert len(cells) > 3
        assert [cell for cell in cells if cell in page] == []


def test_the_cards_figures_are_those_of_the_seed() -> None:
    """Prevents a card, and a page held to it, that quote what an earlier rule gave."""
    with SEED_FILE.open(encoding="utf-8", newline="") as lines:
        central = [row for row in csv.DictReader(lines) if row["linkage_code"] == "central"]
    seed = {
        (row["nation_seed"], row["scope_code"], row["group_code"]): [
            _shown(row, "precision"), _shown(row, "recall")
        ]
        for row in central if row["grouping_code"] in {"all", "part"}
    }  # fmt: skip
    facts = read_card_facts()
    assert {facts[name]["model_version"] for name in ("worse", "better")} == {
        row["model_version"] for row in central
    }
    card = {row[0]: row[1:3] for name in ("worse", "better") for row in facts[name]["rows"]}
    assert card == {name: seed[key] for name, key in ROWS_OF_THE_SEED.items()}
    # Of groups the names differ, so their recalls are compared as a whole.
    by_group = {
        number: sorted(
            f"{float(row['recall']):.3f}" for row in central
            if (row["nation_seed"], row["scope_code"]) == (number, "all")
            and (
                row["grouping_code"] == "origin"
                or row["grouping_code"] == row["group_code"] == "unaccompanied"
            )
        )
        for number in ("11", "12")
    }  # fmt: skip
    groups = facts["worse"]["groups"]
    assert by_group == {
        number: sorted(row[place] for row in groups) for place, number in ((1, "11"), (2, "12"))
    }


def _shown(row: dict[str, str], figure: str) -> str:
    share, lower, upper = (float(row[f"{figure}{part}"]) for part in ("", "_lower", "_upper"))
    return f"{share:.4f} ({lower:.4f}-{upper:.4f})"


def test_the_worse_nation_is_the_headline() -> None:
    """Prevents a card that leads with the nation of the training set."""
    facts = read_card_facts()
    worst = [
        min(float(row[1].split()[0]) for row in facts[name]["rows"]) for name in ("worse", "better")
    ]
    assert worst[0] < worst[1]
    assert "recall of unaccompanied children 0.647" in model_card(load_model()).split("###")[0]
