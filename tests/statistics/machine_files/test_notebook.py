"""The notebook of a release makes each headline and table of its page again, from the files."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb_extensions import import_extension

from official_statistics.documents import (
    ReleaseFacts,
    draw_charts,
    read_public_files,
    read_sentences,
    summarise_quality,
    write_headlines,
)
from official_statistics.machine_readable import (
    NOTEBOOK,
    find_machine_faults,
    notebook,
    run_notebook,
)
from tests.statistics.documents.conftest import Figures, figure
from tests.statistics.documents.test_headlines import (
    FIGURES,
    HIDDEN_KAPPA,
    RANGE_SENTENCE,
    SENTENCES,
)
from tests.statistics.machine_files.conftest import WriteRelease

AREA = "missing_children_by_area"
BEFORE = figure(AREA, "child_count", year="2025")
NOW = figure(AREA, "child_count")
# A change from the year before, on both sides of each boundary of its words.
CHANGES: dict[str, tuple[str, str]] = {
    "one rounding step": ("100", "110"),
    "two rounding steps": ("100", "120"),
    "just under 1 %": ("2000", "2010"),
    "1 %": ("2000", "2020"),
    "just under 1 % of more": ("20000", "19810"),
    "lower by under 5 %": ("1000", "960"),
    "lower by 5 %": ("1000", "950"),
    "from 0": ("0", "40"),
    "0 and 0": ("0", "0"),
}


def _read_cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def test_every_headline_and_chart_is_made_again(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a figure of the page that a reader cannot make from the files."""
    results = run_notebook(public / NOTEBOOK)
    files = read_public_files(public)
    headlines = {each.topic: each.sentence for each in write_headlines(facts, files)}
    assert results["headlines"] == headlines
    assert SENTENCES.items() <= headlines.items()
    assert "Regions" in headlines
    tables = {chart.key: [list(row) for row in chart.rows] for chart in draw_charts(facts, files)}
    assert set(tables) == {"children", "sources", "durations", "reasons"}
    counts = [[name, f"{len(file.rows):,}"] for name, file in files.items()]
    assert results["tables"] == tables | {"files": counts}
    words = " ".join(summarise_quality(facts, files))
    assert set(results["quality"]) == {"Coverage", "Agreement"}
    assert all(text in words for text in results["quality"].values())


def test_a_provisional_year_says_who_delivered(
    write_release: WriteRelease, provisional: ReleaseFacts
) -> None:
    """Prevents a notebook that compares a year that is not complete, or says nothing of it."""
    public = write_release(of=provisional)
    made = run_notebook(public / NOTEBOOK)["headlines"]
    assert made == {
        each.topic: each.sentence
        for each in write_headlines(provisional, read_public_files(public))
    }
    assert {"Who delivered", "Change", "Regions"} & set(made) == {"Who delivered"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_has_the_words_of_the_page(
    write_release: WriteRelease, facts: ReleaseFacts, change: str
) -> None:
    """Prevents another rule for *slightly* and *about the same* in the notebook."""
    before, now = CHANGES[change]
    public = write_release({BEFORE: before, NOW: now})
    made = run_notebook(public / NOTEBOOK)["headlines"]
    written = {
        each.topic: each.sentence for each in write_headlines(facts, read_public_files(public))
    }
    assert made == written
    assert "Change" in made


def test_a_range_is_made_again(write_release: WriteRelease, facts: ReleaseFacts) -> None:
    """Prevents a notebook that stops, or has no sentence, where kappa is hidden."""
    public = write_release({**FIGURES, **HIDDEN_KAPPA})
    assert list(find_machine_faults(facts, public)) == []
    made = run_notebook(public / NOTEBOOK)["headlines"]
    assert made["Agreement of categories"] == RANGE_SENTENCE


def test_a_hidden_figure_is_in_no_cell(write_release: WriteRelease, facts: ReleaseFacts) -> None:
    """Prevents a cell that stops, or that makes a sentence of a hidden figure."""
    hidden: Figures = dict.fromkeys(FIGURES, "c")
    public = write_release(hidden)
    assert list(find_machine_faults(facts, public)) == []
    made = run_notebook(public / NOTEBOOK)
    assert not set(SENTENCES) & set(made["headlines"])
    assert set(made["quality"]) == {"Coverage"}


def test_every_topic_and_chart_has_a_cell(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a headline or a chart that is added to the page alone."""
    templates = {path.name for path in notebook.TEMPLATES.iterdir()}
    for entry in read_sentences():
        name = f"headline_{entry['topic'].lower().replace(' ', '_')}.py.j2"
        assert "figures" in entry or name in templates
    for chart in draw_charts(facts, read_public_files(public)):
        assert f"chart_{chart.key}.py.j2" in templates


def test_the_notebook_is_as_its_format_asks_and_has_no_outputs(public: Path) -> None:
    """Prevents a notebook that no program opens, and outputs that no check reads."""
    written = json.loads((public / NOTEBOOK).read_text(encoding="utf-8"))
    assert (written["nbformat"], written["nbformat_minor"]) == (4, 5)
    assert written["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in written["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each) for each in ids)
    for cell in written["cells"]:
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        else:
            assert set(cell) == {"cell_type", "id", "metadata", "source"}


def test_the_expected_sentence_is_beside_its_code(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a reader who runs the notebook and has nothing to compare with."""
    texts = {
        "".join(cell["source"])
        for cell in _read_cells(public / NOTEBOOK)
        if cell["cell_type"] == "markdown"
    }
    for headline in write_headlines(facts, read_public_files(public)):
        assert f"**{headline.topic}.** {headline.sentence}" in texts


def test_a_notebook_needs_only_duckdb(public: Path) -> None:
    """Prevents a notebook that asks an analyst for a package of ours."""
    code = "\n".join(
        "".join(cell["source"])
        for cell in _read_cells(public / NOTEBOOK)
        if cell["cell_type"] == "code"
    )
    assert re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE) == ["json", "duckdb"]


def test_one_other_byte_in_the_notebook_is_found(public: Path, facts: ReleaseFacts) -> None:
    """Prevents code or words that nobody wrote from being published, or run by the check."""
    path = public / NOTEBOOK
    text = path.read_text(encoding="utf-8")
    other = [f"{NOTEBOOK} is not the notebook of these files"]
    for old, new in (("2,550 children", "2,560 children"), ('"RELEASE = ', '"1 / 0; RELEASE = ')):
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        assert list(find_machine_faults(facts, public)) == other
    path.unlink()
    assert list(find_machine_faults(facts, public)) == [f"{NOTEBOOK} is missing"]


def test_code_that_makes_another_figure_is_found(
    public: Path, facts: ReleaseFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a headline that the notebook does not make, and code that stops."""
    results = run_notebook(public / NOTEBOOK)
    del results["headlines"]["Change"]
    results["tables"]["children"][0][1] = "2,010"
    results["quality"]["Coverage"] = "1 of 2 (50.0%)"
    monkeypatch.setattr(notebook, "run_notebook", lambda _: results)
    page = "as on the page"
    assert list(find_machine_faults(facts, public)) == [
        f"{NOTEBOOK} does not make Change (headlines) {page}",
        f"{NOTEBOOK} does not make children (tables) {page}",
        f"{NOTEBOOK} does not make Coverage (quality) {page}",
    ]
    monkeypatch.setattr(notebook, "run_notebook", lambda _: {"error": "ZeroDivisionError"})
    assert list(find_machine_faults(facts, public)) == [f"{NOTEBOOK} stops with ZeroDivisionError"]


def test_an_error_has_no_value_of_the_files(public: Path) -> None:
    """Prevents a fault that prints what stands in a file."""
    path = public / NOTEBOOK
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"RELEASE = ', "\"int('Camden'); RELEASE = "), encoding="utf-8")
    assert run_notebook(path) == {"error": "ValueError"}


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class
        """Print nothing."""


@pytest.fixture
def address(public: Path) -> Iterator[str]:
    """The address at which a plain web server serves `public/`."""
    handler = partial(_QuietHandler, directory=str(public))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_release_is_read_from_a_web_server(public: Path, address: str, tmp_path: Path) -> None:
    """Prevents a release that only somebody with a copy can query."""
    import_extension("httpfs")
    with duckdb.connect() as connection:
        connection.execute("load httpfs")
        query = "select * from read_parquet('{}/parquet/" + f"{AREA}.parquet')"
        served = connection.sql(query.format(address)).fetchall()
        assert served == connection.sql(query.format(public)).fetchall()
    path = tmp_path / NOTEBOOK
    text = (public / NOTEBOOK).read_text(encoding="utf-8")
    path.write_text(
        text.replace('RELEASE = \\".\\"', f'RELEASE = \\"{address}\\"'), encoding="utf-8"
    )
    assert address in path.read_text(encoding="utf-8")
    assert run_notebook(path) == run_notebook(public / NOTEBOOK)


def test_a_simulated_release_says_so(write_release: WriteRelease, facts: ReleaseFacts) -> None:
    """Prevents invented figures that are read as real, and real ones as invented."""
    words = "Simulated data"
    simulated = write_release(name="simulated")
    real = write_release(of=replace(facts, is_simulated=False), name="real")
    assert words in (simulated / NOTEBOOK).read_text(encoding="utf-8")
    assert words not in (real / NOTEBOOK).read_text(encoding="utf-8")
