"""The report of a candidate model as a page: every figure in a table, weights drawn, no names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line.commands.identity import app
from interfaces.documentation.candidate_page import SHOWN_LEVELS, build_candidate_page
from orchestration.linkage_training import Candidate
from register.identity.evaluate import Criterion, LinkageFigures, ModelComparison
from register.identity.score import AdaptationReport, LevelDifference, load_model
from register.linkage_models import save_candidate
from register.settings import Settings
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import CHROMIUM


def level(
    name: str, probability_given: float, weight: float, learned_weight: float, fixed: bool
) -> LevelDifference:
    """A level with invented m and u."""
    return LevelDifference(
        "birth_date", name, 0.5, 0.1, probability_given, 0.5, 0.1, weight, learned_weight, fixed
    )


LEVELS = [
    level("same", 11.95, 11.5, 9000.0, False),
    level("one_digit_off", -1.83, 2.04, 400.0, False),
    level("shared_by_hand", 14.0, 14.0, 3.0, True),
]


def figures(version: str, links: int, false_links: float) -> LinkageFigures:
    """What one model makes of the records."""
    return LinkageFigures(version, links, 21_760, false_links, 16_322.0, 40, 5, 700, 4_000, None)


def candidate(is_met: bool | None = True) -> Candidate:
    """A candidate with invented figures, whose last criterion is met or not, or says nothing."""
    model = load_model().model_copy(update={"seed": 7}).with_version()
    training = AdaptationReport(
        load_model().version, model.version, 1000.0, 33_506, 16_812.0, True, 9, 2e-6, 3e-6, "0",
        LEVELS,
    )  # fmt: skip
    comparison = ModelComparison(
        33_506, figures(load_model().version, 16_330, 7.58), figures(model.version, 16_403, 7.15),
        {"link": {"link": 16_309, "review": 21}, "review": {"link": 94}}, 21_709, 69, 26, 5, 1,
        0.8, LEVELS,
    )  # fmt: skip
    criteria = [
        Criterion("converged", "It came to rest.", "9 rounds", "25 rounds", True),
        Criterion("judged_links", "As many links are right.", "0.97 < 0.98", "0.98", is_met),
    ]
    return Candidate(Path("unused"), model, training, comparison, criteria)


def cells(page: str) -> list[list[str]]:
    """The texts of the cells of every row of every table."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def test_the_page_has_every_figure_of_the_comparison_in_a_table() -> None:
    """Prevents a pin that is decided by somebody who cannot read JSON."""
    created = candidate()
    rows = cells(build_candidate_page(created.as_dict()))
    assert ["Links", "16,330", "16,403"] in rows
    assert ["Expected false links, by the model in use", "7.58", "7.15"] in rows
    assert ["review", "link", "94"] in rows
    assert ["As many links are right.", "0.97 &lt; 0.98", "0.98", "yes"] in rows
    assert ["birth date: one digit off", "-1.83", "+2.04", "+3.87", "400", "no"] in rows
    assert ["birth date: shared by hand", "+14.00", "+14.00", "+0.00", "3", "yes"] in rows


def test_a_report_of_an_earlier_release_says_whose_probabilities_it_has() -> None:
    """Prevents sums by each model's own probabilities from being read as sums by one model's."""
    report = candidate().as_dict()
    for side in ("in_use", "other"):
        figures_of = report["comparison"][side]
        figures_of["expected_false_links"] = figures_of.pop("false_links_by_in_use")
        del figures_of["true_links_by_in_use"]
    rows = cells(build_candidate_page(report))
    assert ["Expected false links, by the model&#39;s own probabilities", "7.58", "7.15"] in rows
    assert not [row for row in rows if row[:1] == ["Expected false links, by the model in use"]]


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_can_be_read_by_everybody(tmp_path: Path, width: int) -> None:
    """Prevents a comparison that a reader with a screen reader, or with poor sight, cannot use."""
    page = tmp_path / "report.html"
    page.write_text(build_candidate_page(candidate().as_dict()), encoding="utf-8")
    assert list_file_faults([page], width) == {}


def test_weights_are_drawn_the_one_that_moves_most_first() -> None:
    """Prevents a picture that leaves out what changes, or that nobody can hear read out."""
    page = build_candidate_page(candidate().as_dict())
    drawing = page[page.index("<svg") : page.index("</svg>")]
    # An average match is on the same date: half a bit there moves more than four bits elsewhere.
    order = re.findall(r"birth date: [a-z ]+", drawing)
    assert order == ["birth date: same", "birth date: one digit off"]
    assert 'role="img"' in drawing
    assert "Weights of 2 levels" in drawing
    assert "The table gives the figures." in drawing
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawing)]
    assert places[0] > places[1], "less weight is further left"
    assert places[2] < places[3]
    assert len(order) <= SHOWN_LEVELS


@pytest.mark.parametrize(
    ("is_met", "sentence"), [(True, "It may be pinned."), (False, "It may not be pinned"),
                         (None, "It may be pinned.")],
)  # fmt: skip
def test_the_page_says_whether_the_candidate_may_be_pinned(
    is_met: bool | None, sentence: str
) -> None:
    """Prevents a reader from having to know the criteria to see that one is not met."""
    page = build_candidate_page(candidate(is_met).as_dict())
    assert sentence in page
    assert page.count("not measured") == (is_met is None)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """Prevents a page that is empty in a closed network."""
    page = build_candidate_page(candidate().as_dict())
    assert re.findall(r'(?:src|href)="(?!data:,"|#)|url\(|@import|<script', page) == []


def test_a_report_can_be_written_again_later(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the page from being there for those alone who trained the model."""
    created = candidate()
    save_candidate(settings, created.model, created.as_dict())
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    out = tmp_path / "report"
    run = CliRunner().invoke(app, ["report", created.model.version, "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json"]
    assert (out / "report.html").read_text(encoding="utf-8") == build_candidate_page(
        created.as_dict()
    )
    unknown = CliRunner().invoke(app, ["report", "2026-01-01-00000000", "--out", str(out)])
    assert unknown.exit_code != 0
