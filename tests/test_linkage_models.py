"""A home's linkage models: candidates, pins, taking back, and the model of a build."""

from __future__ import annotations

import json
from typing import Any

import pytest

from register.identity.score import MODEL_PATH, Model, load_model
from register.linkage_models import (
    LinkageModelError,
    build_model_path,
    list_candidates,
    model_path,
    pin_model,
    place_build_model,
    read_pins,
    read_report,
    save_candidate,
    unpin_model,
)
from register.settings import Settings

BY = {"by": "An Operator", "reason": "learned from this home"}


def candidate(settings: Settings, seed: int = 1, **facts: Any) -> Model:
    """A candidate that meets its criteria, unless `facts` of its report say otherwise."""
    package = load_model()
    model = package.model_copy(update={"seed": seed}).with_version()
    met = [{"code": "converged", "is_met": True, "measured": "at rest", "limit": "at rest"}]
    report = {"version": model.version, "in_use": package.version, "criteria": met}
    save_candidate(settings, model, report | facts)
    return model


def in_use(settings: Settings, known_at: str | None = None) -> str:
    """The version of the model that links a home."""
    return load_model(model_path(settings, known_at)).version


def test_a_home_without_a_pin_is_linked_by_the_model_of_the_package(settings: Settings) -> None:
    """Prevents a candidate that links before anybody decided so."""
    model = candidate(settings)
    assert model_path(settings) == build_model_path(settings) == MODEL_PATH
    assert list_candidates(settings) == [model.version]
    assert read_report(settings, model.version)["version"] == model.version


def test_a_pinned_model_links_from_the_next_build_on(settings: Settings) -> None:
    """Prevents a pin that changes a build under way, or none."""
    model = candidate(settings)
    place_build_model(settings)
    pin_model(settings, model.version, **BY)
    assert build_model_path(settings) == MODEL_PATH
    assert place_build_model(settings) == model
    assert load_model(build_model_path(settings)) == model
    assert [(pin.decision, pin.decided_by) for pin in read_pins(settings)] == [
        ("pin", "An Operator")
    ]


def test_a_pinned_model_is_kept_with_the_decisions(settings: Settings) -> None:
    """Prevents a register that cannot be made again from landing and decisions."""
    model = candidate(settings)
    pin_model(settings, model.version, **BY)
    for path in settings.models.iterdir():
        path.unlink()
    assert model_path(settings).parent.parent == settings.decisions
    assert in_use(settings) == model.version
    model_path(settings).unlink()
    with pytest.raises(LinkageModelError, match="backup"):
        place_build_model(settings)


def test_a_pin_is_taken_back_step_by_step(settings: Settings) -> None:
    """Prevents a pin that cannot be undone, or that is undone with those before it."""
    first = candidate(settings)
    pin_model(settings, first.version, **BY)
    second = candidate(settings, 2, in_use=first.version)
    pin_model(settings, second.version, **BY)
    assert in_use(settings) == second.version
    assert place_build_model(settings) == second
    assert unpin_model(settings, **BY) == in_use(settings) == first.version
    assert unpin_model(settings, **BY) == load_model().version
    place_build_model(settings)
    assert build_model_path(settings) == MODEL_PATH
    with pytest.raises(LinkageModelError, match="no model of this home is pinned"):
        unpin_model(settings, **BY)


def test_a_look_back_links_by_the_model_of_its_moment(settings: Settings) -> None:
    """Prevents a register as it was known that is linked by what was learned since."""
    model = candidate(settings)
    decided_at = pin_model(settings, model.version, **BY).decided_at
    assert in_use(settings, "2000-01-01T00:00:00Z") == load_model().version
    assert in_use(settings, decided_at) == model.version


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {
                "criteria": [
                    {"code": "enough_records", "is_met": False, "measured": "9", "limit": "2,000"}
                ]
            },
            "enough_records",
        ),
        ({"in_use": "another"}, "train again"),
    ],
)
def test_what_does_not_pass_the_gate_is_refused_with_the_reason(
    settings: Settings, facts: dict[str, Any], message: str
) -> None:
    """Prevents a model that was learned from too little, or compared with another one."""
    model = candidate(settings, **facts)
    with pytest.raises(LinkageModelError, match=message):
        pin_model(settings, model.version, **BY)
    assert model_path(settings) == MODEL_PATH
    assert read_pins(settings) == []


def test_a_criterion_that_says_nothing_refuses_nothing(settings: Settings) -> None:
    """Prevents a home without judged pairs from never having a model of its own."""
    nothing = [{"code": "judged_links", "is_met": None, "measured": "0", "limit": "100"}]
    pin_model(settings, candidate(settings, criteria=nothing).version, **BY)


def test_a_candidate_that_was_edited_is_refused(settings: Settings) -> None:
    """Prevents weights that nobody learned, under the version of those that somebody did."""
    model = candidate(settings)
    path = settings.models / f"{model.version}.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(facts | {"seed": 9}), encoding="utf-8")
    with pytest.raises(LinkageModelError, match="was changed"):
        pin_model(settings, model.version, **BY)


@pytest.mark.parametrize("wrong", [{"by": " "}, {"reason": ""}])
def test_a_pin_needs_a_name_and_a_reason(settings: Settings, wrong: dict[str, str]) -> None:
    """Prevents a decision that nobody answers for."""
    with pytest.raises(LinkageModelError, match="a name and a reason"):
        pin_model(settings, candidate(settings).version, **(BY | wrong))


def test_an_unknown_candidate_and_one_in_use_are_refused(settings: Settings) -> None:
    """Prevents a pin of nothing, and a second row for what is so already."""
    with pytest.raises(LinkageModelError, match="no candidate"):
        pin_model(settings, "2026-01-01-00000000", **BY)
    model = candidate(settings)
    pin_model(settings, model.version, **BY)
    with pytest.raises(LinkageModelError, match="in use already"):
        pin_model(settings, model.version, **BY)
