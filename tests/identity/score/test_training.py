"""Training is repeatable, keeps what works when it fails, and writes a model that is checked."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from register.identity.block import list_blocking_rules
from register.identity.clean import shape_persons
from register.identity.score import (
    MODEL_PATH,
    Model,
    ModelError,
    TrainingReport,
    estimation,
    load_model,
    train_model,
    train_persons,
    training,
)
from register.identity.score.context_model import read_register_context
from register.identity.score.frequencies import Frequencies, measure_frequencies
from register.identity.score.model import save_model
from register.identity.score.training import (
    REGISTER_THRESHOLDS,
    read_register_calibrations,
    read_register_caps,
)
from tests.identity.linkage_people import (
    QUICK,
    TRAINED_AT,
    population,
    small_model,
    small_population,
)
from tests.identity.people import mention, mention_table


@pytest.fixture(scope="module")
def trained_again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, TrainingReport, Path]:
    """A second training on the small population in another order, with a folder for its report."""
    folder = tmp_path_factory.mktemp("charts")
    persons, _ = small_population()
    turned = persons.take(list(reversed(range(persons.num_rows))))
    return *train_persons(turned, QUICK, folder, TRAINED_AT), folder


def test_training_twice_gives_the_same_model(
    trained_again: tuple[Model, TrainingReport, Path],
) -> None:
    """Prevents a model that cannot be reproduced."""
    assert trained_again[0] == small_model()[0]


def test_agreement_weighs_more_the_closer_it_is() -> None:
    """Prevents EM from learning a model in which a misspelt name beats the same name."""
    weights = {
        (row["comparison"], row["level"]): row["match_weight"] for row in small_model()[1].levels
    }
    for comparison in ("forename", "surname", "birth_date", "sex"):
        assert weights[comparison, "same"] > 0 > weights[comparison, "differs"]
    assert weights["birth_date", "same"] > weights["birth_date", "default_against_day"] > 0
    assert weights["surname", "one_letter_off"] > weights["surname", "differs"]
    assert weights["forename", "swapped_with_surname"] > 5


def test_the_prior_is_learned_from_the_data() -> None:
    """Prevents a guessed share of matches from moving every weight."""
    persons, truth = small_population()
    share = len(truth) / (persons.num_rows * (persons.num_rows - 1) / 2)
    assert small_model()[0].probability_two_random_records_match == pytest.approx(share, rel=0.1)


def test_a_level_without_pairs_is_named_in_the_report() -> None:
    """Prevents a weight set by hand from being taken for a learned one."""
    assert "birth_date.another_date" in small_model()[1].levels_without_pairs
    assert "forename.same" not in small_model()[1].levels_without_pairs


def test_failed_training_keeps_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a failed training run from leaving the register without a model."""
    path = tmp_path / "model.json"
    save_model(small_model()[0], path)
    before = path.read_bytes()

    def fail_to_train(*_: Any, **__: Any) -> Any:
        raise ModelError("no EM run converged")

    monkeypatch.setattr(training, "estimate_u", fail_to_train)
    monkeypatch.setattr(training, "MIN_PERSONS", 1)
    kept_model, report = train_model(mention_table(mention("a", "Aisha|Harlow")), path)
    assert (kept_model, report.is_trained, path.read_bytes()) == (small_model()[0], False, before)
    assert "no EM run converged" in report.message


def test_too_few_persons_are_refused_when_there_is_no_model(tmp_path: Path) -> None:
    """Prevents EM from crashing on a handful of records, or from learning from them."""
    with pytest.raises(ModelError):
        train_model(mention_table(mention("a", "Aisha|Harlow")), tmp_path / "model.json")


def test_charts_and_weights_are_saved_as_files(
    trained_again: tuple[Model, TrainingReport, Path],
) -> None:
    """Prevents a model whose weights cannot be inspected."""
    _, report, folder = trained_again
    assert set(report.chart_files) == {path.name for path in folder.iterdir()}
    page = (folder / "match_weights.html").read_text(encoding="utf-8")
    assert "log2_bayes_factor" in page
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="', page)
    assert "aisha" not in json.dumps(asdict(report))


def test_the_report_counts_the_pairs_of_each_blocking_rule() -> None:
    """Prevents a rule that gives most of the pairs, or none, from staying unnoticed."""
    report = small_model()[1]
    assert [count["rule_code"] for count in report.blocking] == [
        rule.code for rule in list_blocking_rules()
    ]
    assert sum(count["added_pair_count"] for count in report.blocking) > 900


def test_the_pinned_model_has_the_caps_thresholds_and_calibrations_of_the_code() -> None:
    """Prevents a cap, threshold or calibration that is changed in one place and not elsewhere."""
    pinned = load_model()
    assert (pinned.caps, pinned.thresholds) == (list(read_register_caps()), REGISTER_THRESHOLDS)
    assert pinned.calibrations == list(read_register_calibrations())
    assert pinned.context == read_register_context()


def test_a_saved_model_reads_back_equal(tmp_path: Path) -> None:
    """Prevents a weight from changing when it is written and read."""
    save_model(small_model()[0], tmp_path / "model.json")
    assert load_model(tmp_path / "model.json") == small_model()[0]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("unknown field", {"extra": 1}),
        ("other format", {"format": 2}),
        (
            "thresholds out of order",
            {"thresholds": {"strict": 1, "link": 2, "loose": 0, "review": 0}},
        ),
        ("a comparison less", {"has_sex": False}),
        (
            "a threshold changed under an old version",
            {"thresholds": {"strict": 9, "link": 4, "loose": 0, "review": -4}},
        ),
        ("no prior", {"probability_two_random_records_match": 0}),
        ("no frequencies", {"frequencies": {}}),
        (
            "a cap on no level",
            {"caps": [{"name": "x", "reason": "", "when": {"sex": ["unheard"]}}]},
        ),
        (
            "a calibration of no level",
            {
                "calibrations": [
                    {"name": "x", "reason": "", "slope": 1, "offset": 0}
                    | {"when": {"sex": ["unheard"]}}
                ]
            },
        ),
        (
            "a calibration by which more evidence makes a pair less likely",
            {"calibrations": [{"name": "x", "reason": "", "slope": -1, "offset": 0}]},
        ),
    ],
)
def test_a_damaged_model_is_refused(tmp_path: Path, what: str, change: dict[str, Any]) -> None:
    """Prevents scoring with a model that was edited by hand or made for other comparisons."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(small_model()[0].model_dump() | change), encoding="utf-8")
    with pytest.raises(ModelError):
        load_model(path)


def test_a_model_for_other_conditions_is_refused() -> None:
    """Prevents weights learned for one meaning of a level from being used for another."""
    changed = json.loads(small_model()[0].model_dump_json())
    changed["comparisons"][0]["comparison_levels"][1]["sql_condition"] = "true"
    with pytest.raises(ValueError, match="train again"):
        Model.model_validate(changed)


def test_the_pinned_model_is_usable_and_lists_no_rare_value() -> None:
    """Prevents a committed model that is out of date, or that names a child."""
    model = load_model(MODEL_PATH)
    assert model.has_identifiers
    for frequencies in model.frequencies.values():
        assert all(share * model.record_count >= 5 for share in frequencies.values.values())


def test_a_value_that_few_have_is_not_listed() -> None:
    """Prevents a model file from disclosing a person with a rare name."""
    persons, _ = small_population()
    measured = measure_frequencies(persons, ["forename"], least_holders=10)["forename"]
    known = persons["forename"].drop_null().to_pylist()
    assert measured.values["yusuf"] == pytest.approx(known.count("yusuf") / len(known), abs=1e-8)
    assert all(known.count(name) >= 10 for name in measured.values)
    assert Frequencies(otherwise=measured.otherwise, values={}).otherwise < 10 / len(known)


def test_one_failed_em_run_loses_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a rule that finds no pairs from taking comparisons out of the model."""
    rules = ("l.forename = r.forename and l.forename = 'nobody'", *estimation.EM_RULES)
    monkeypatch.setattr(estimation, "EM_RULES", rules)
    persons = shape_persons(population(350)[0])
    model, report = train_persons(persons, QUICK, trained_at=TRAINED_AT)
    assert [run["is_learned"] for run in report.em_runs[:2]] == [False, True]
    assert model.comparison_names == small_model()[0].comparison_names
