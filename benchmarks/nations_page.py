"""`python -m benchmarks.nations_page`: writes the page of simulated nations.

The nations with unchosen seeds come from the JSON file that `benchmarks.nations --unseen` writes.
All other figures come from `nations_page.yaml`. Nothing is measured here.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import typer

from benchmarks.measured_pages import markdown_table, read_figures
from benchmarks.nations import HEADINGS, WORST_IS_HIGHEST, Measured, find_worst, show_figure
from register.settings import PROJECT_ROOT

UNSEEN = Path(__file__).with_name("nations.json")
FIGURES = Path(__file__).with_name("nations_page.yaml")
PAGE = PROJECT_ROOT / "docs" / "reference" / "nations.md"
# Fields without a median: those that identify a nation, and a text.
NOT_SUMMARISED = ("profile", "seed", "seldom_right")


def write_nations_page() -> str:
    """Return the page in Markdown; the same figures give the same text."""
    figures = read_figures(FIGURES)
    unseen = json.loads(UNSEEN.read_text(encoding="utf-8"))
    nations = [Measured(**nation) for nation in unseen["nations"]]
    seldom = [f"{each.seldom_right} on seed {each.seed}" for each in nations if each.seldom_right]
    parts = [
        "# Simulated nations",
        figures["about"],
        "## Two profiles",
        figures["profiles"],
        "## Nations that nobody chose",
        f"{figures['unseen']} Release {unseen['release']}, measured on {unseen['measured_on']};"
        f" `python -m benchmarks.nations --unseen {len(nations)}`; seeds "
        + ", ".join(str(each.seed) for each in nations)
        + ".",
        summarise(nations),
        "In one nation, each of these reasons was given ten times or more, and was right at most"
        " half of the time (right of given): " + (", ".join(seldom) or "none") + ".",
        figures["meanings"],
    ]
    for table in figures["tables"]:
        source = f"Measured on {table['measured_on']}; `{table['command']}`."
        parts += [f"## {table['title']}", f"{table['text']} {source}"]
        parts.append(markdown_table(table["columns"], table["rows"]))
    return "\n\n".join(parts) + "\n"


def summarise(nations: list[Measured]) -> str:
    """Return a table with each measure's lowest, middle and highest figure; the worst is bold."""
    rows = []
    for name, heading in HEADINGS.items():
        if name in NOT_SUMMARISED:
            continue
        values: list[Any] = [getattr(nation, name) for nation in nations]
        known = [value for value in values if value is not None]
        if not known:
            continue
        worst = find_worst(name, values)
        middle = median(known)
        cells = [
            show_figure(min(known)),
            show_figure(middle if isinstance(known[0], float) else round(middle)),
            show_figure(max(known)),
        ]
        if worst is not None:
            place = 2 if name in WORST_IS_HIGHEST else 0
            cells[place] = f"**{cells[place]}**"
        rows.append([heading, *cells])
    return markdown_table(["measure (worst in bold)", "lowest", "middle", "highest"], rows)


def main() -> None:
    """Write the page from the recorded figures."""
    PAGE.write_text(write_nations_page(), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
