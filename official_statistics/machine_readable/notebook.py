"""The notebook of a release, `headlines.ipynb`: it makes the page's figures again from Parquet.

The notebook's text is a template in the percent format, in which `# %%` begins a cell. It has no
outputs, so it repeats only figures that the page shows. A headline that is no sentence with figures
in `headlines.yaml` has a template of its own, and so has each chart.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from official_statistics.data_sets import TOTAL
from official_statistics.documents import (
    PublicFile,
    ReleaseFacts,
    draw_charts,
    format_count,
    read_sentences,
    summarise_quality,
    write_headlines,
)

NOTEBOOK = "headlines.ipynb"
TEMPLATES = Path(__file__).with_name("templates")
RUNNER = Path(__file__).with_name("run_notebook.py")
MAX_SECONDS = 300
MARKDOWN = "# %% [markdown]"
CODE = "# %%"
# The longest line of a sentence, without its indent, quotes and the letter in front of them.
SENTENCE_WIDTH = 85
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
Files = Mapping[str, PublicFile]
Figure = Mapping[str, str]


def write_notebook(facts: ReleaseFacts, files: Files, public: Path) -> None:
    """Write the notebook of a release. The same files give the same bytes."""
    (public / NOTEBOOK).write_text(_encode_notebook(facts, files), encoding="utf-8")


def find_notebook_faults(facts: ReleaseFacts, files: Files, public: Path) -> Iterator[str]:
    """Yield how the notebook differs from the page. Its code runs in a new process."""
    path = public / NOTEBOOK
    if not path.exists():
        yield f"{NOTEBOOK} is missing"
    elif path.read_text(encoding="utf-8") != _encode_notebook(facts, files):
        # Code that is not ours is not run.
        yield f"{NOTEBOOK} is not the notebook of these files"
    else:
        yield from _compare_results(run_notebook(path), facts, files)


def run_notebook(path: Path) -> dict[str, Any]:
    """Run the code of a notebook in a new process in its folder, and return what it made.

    The result has `headlines`, `tables` and `quality`, or else the name of an `error`.
    """
    done = subprocess.run(
        [sys.executable, "-I", str(RUNNER), path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=MAX_SECONDS,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1].partition(":")[0] if lines else "no message"}
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def list_expected_results(facts: ReleaseFacts, files: Files) -> dict[str, dict[str, Any]]:
    """Return the figures of the release's page in the form in which the notebook makes them."""
    tables: dict[str, Any] = {
        chart.key: [list(row) for row in chart.rows] for chart in draw_charts(facts, files)
    }
    tables["files"] = [[name, format_count(len(file.rows))] for name, file in files.items()]
    headlines = {each.topic: each.sentence for each in write_headlines(facts, files)}
    return {"headlines": headlines, "tables": tables}


def _compare_results(
    results: Mapping[str, Any], facts: ReleaseFacts, files: Files
) -> Iterator[str]:
    if "error" in results:
        yield f"{NOTEBOOK} stops with {results['error']}"
        return
    for kind, expected in list_expected_results(facts, files).items():
        for name in sorted({*expected, *results[kind]}):
            if expected.get(name) != results[kind].get(name):
                yield f"{NOTEBOOK} does not make {name} ({kind}) as on the page"
    page = " ".join(summarise_quality(facts, files))
    for name, words in results["quality"].items():
        if words not in page:
            yield f"{NOTEBOOK} does not make {name} (quality) as on the page"


def _encode_notebook(facts: ReleaseFacts, files: Files) -> str:
    cells = []
    for number, (kind, lines) in enumerate(_split_cells(_render_cells(facts, files)), start=1):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": [f"{line}\n" for line in lines[:-1]] + lines[-1:],
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell)
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _split_cells(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the kind and the lines of each cell of a text in the percent format."""
    kind, lines = "", list[str]()
    for line in [*text.splitlines(), CODE]:
        if line not in (MARKDOWN, CODE):
            lines.append(line[2:] if kind == "markdown" else line)
            continue
        joined = "\n".join(lines).strip("\n")
        if joined:
            yield kind, joined.split("\n")
        kind, lines = "markdown" if line == MARKDOWN else "code", []


def _render_cells(facts: ReleaseFacts, files: Files) -> str:
    coverage = {"indicator": "period_expected_count"}, {"indicator": "period_delivered_count"}
    both = {"indicator": "episode_percent", "source_status": "Both sources"}
    expected, delivered = (_list_arguments(files["source_coverage"], each) for each in coverage)
    quality_calls = {
        "expected": expected,
        "delivered": delivered,
        "both": _list_arguments(files["agreement_by_area"], both),
    }
    summary = " ".join(summarise_quality(facts, files))
    return (
        _create_environment()
        .get_template("notebook.py.j2")
        .render(
            facts=facts,
            headlines=list(_describe_headlines(facts, files)),
            charts=[
                {"key": chart.key, "title": chart.title, "columns": chart.columns, "template": name}
                for chart in draw_charts(facts, files)
                if (name := _find_template("chart", chart.key))
            ],
            quality_calls=quality_calls,
            has_coverage="%) of the periods" in summary,
            has_agreement="% of episodes)" in summary,
        )
    )


def _describe_headlines(facts: ReleaseFacts, files: Files) -> Iterator[dict[str, Any]]:
    """Yield each headline of the page with what its cell needs: figures, or a template."""
    entries = {entry["topic"]: entry for entry in read_sentences()}
    for headline in write_headlines(facts, files):
        entry = entries[headline.topic]
        cell: dict[str, Any] = {"topic": headline.topic, "sentence": headline.sentence}
        if figures := entry.get("figures"):
            file = files[entry["file"]]
            yield cell | {
                "figures": {name: _list_arguments(file, each) for name, each in figures.items()},
                "lines": _break_sentence(entry["sentence"]),
            }
        elif template := _find_template("headline", headline.topic):
            yield cell | {"template": template}


def _find_template(kind: str, name: str) -> str | None:
    template = f"{kind}_{name.lower().replace(' ', '_')}.py.j2"
    return template if (TEMPLATES / template).exists() else None


def _list_arguments(file: PublicFile, figure: Figure) -> dict[str, str]:
    """Return what selects one figure of England: the file, the indicator, and every item."""
    items = {part.name: part.default or TOTAL for part in file.data_set.filters}
    return {"data_set": file.name, **items, **figure}


def _break_sentence(sentence: str) -> list[str]:
    """Return a sentence as the literals of an f-string, one for each line."""
    lines = textwrap.wrap(sentence, SENTENCE_WIDTH, break_long_words=False, break_on_hyphens=False)
    spaced = [*(f"{line} " for line in lines[:-1]), lines[-1]]
    literals = [json.dumps(line, ensure_ascii=False) for line in spaced]
    return [f"f{literal}" if "{" in literal else literal for literal in literals]


def _write_call(arguments: Mapping[str, str], name: str) -> str:
    """Return code that reads one figure into a variable."""
    items = {key: value for key, value in arguments.items() if key not in ("data_set", "indicator")}
    texts = [json.dumps(arguments[key]) for key in ("data_set", "indicator")]
    texts += [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in items.items()]
    return "\n".join([f"{name} = figure(", *(f"    {text}," for text in texts), ")"])


@cache
def _create_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - the texts are Python and Markdown, no pages
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"write_call": _write_call, "quote": json.dumps}
    return environment
