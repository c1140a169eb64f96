"""The linkage model as data: m and u, thresholds, caps and frequencies, pinned and versioned.

Scoring only reads a model; `training` and `adaptation` make models. A model contains no record of a
person. Its frequencies list only values that many persons share.
"""

from __future__ import annotations

import hashlib
import json
from math import log2
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from register.identity.score.comparisons import (
    ComparisonPlan,
    build_comparisons,
    list_frequency_columns,
)
from register.identity.score.context_model import ContextModel
from register.identity.score.frequencies import Frequencies

MODEL_PATH = Path(__file__).with_name("model.json")
NULL_GAMMA = -1


class ModelError(ValueError):
    """A linkage model cannot be read, used or trained; the message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Part):
    """The lowest match weights (bits) of the bands `link` and `review`, and three other thresholds.

    `strict` and `loose` are the link thresholds of the two sensitivity analyses. In clustering,
    `strict` is also the sure threshold. Pairs below `keep` are left out, and count as weakly
    connected. Match weights include the prior of the mentions to link (`links`), not the prior of
    the training set.
    """

    strict: float
    link: float
    loose: float
    review: float
    keep: float

    @model_validator(mode="after")
    def _check_order(self) -> Thresholds:
        if not self.strict >= self.link >= self.loose >= self.review >= self.keep:
            raise ValueError("thresholds must fall: strict, link, loose, review, keep")
        return self


class Cap(_Part):
    """A rule that makes pairs with certain evidence doubtful, whatever their own weight.

    Only the context of such a pair can make it a link (`context_model`), and not even that if the
    cap `is_final`: then a reviewer decides.

    `when` and `unless` map comparisons to labels of levels. The cap applies if every comparison in
    `when` is on one of its labels. It is lifted if any comparison in `unless` is on one of its
    labels. `overstated_by` is the number of bits by which the match weights of such pairs are too
    high, near even odds. The prior of a load and the features of context subtract it.
    """

    name: str
    reason: str
    when: dict[str, list[str]]
    unless: dict[str, list[str]] = {}
    overstated_by: float = 0.0
    is_final: bool = False


class Calibration(_Part):
    """The conversion of match weights of one kind of link: log2(odds) = offset + slope · weight.

    Fields that agree for a common reason are weighed as if they were independent. So weights
    overstate the evidence, and high weights most of all: `slope` is below 1.

    It is for pairs without a cap for which the condition `when` (as in `Cap`) is true. If several
    conditions are true, the first one counts. Without `when`, it is for links by the method `name`.
    """

    name: str
    reason: str
    when: dict[str, list[str]] = {}
    slope: float = Field(gt=0, le=1)
    offset: float

    def log_odds(self, match_weight: float) -> float:
        """Return the log odds (bits) that a pair of this kind and weight (bits) is one child."""
        return self.offset + self.slope * match_weight


class Model(_Part):
    """A trained model; `docs/explanation/linkage.md` explains how to read its weights."""

    format: Literal[1]
    version: str
    trained_at: str
    splink_version: str
    duckdb_version: str
    seed: int
    data_hash: str
    record_count: int
    crowded_holders: int
    probability_two_random_records_match: float = Field(gt=0, lt=1)
    thresholds: Thresholds
    caps: list[Cap]
    calibrations: list[Calibration] = []
    context: ContextModel | None = None
    frequencies: dict[str, Frequencies]
    has_sex: bool
    has_identifiers: bool
    others: list[str]
    comparisons: list[dict[str, Any]]

    def with_version(self) -> Model:
        """Return the model with a version made from its contents: day of training and a hash."""
        contents = json.dumps(self.model_dump(exclude={"version", "trained_at"}), sort_keys=True)
        digest = hashlib.sha256(contents.encode()).hexdigest()
        return self.model_copy(update={"version": f"{self.trained_at[:10]}-{digest[:8]}"})

    @property
    def comparison_plan(self) -> ComparisonPlan:
        """The comparisons of the model."""
        return ComparisonPlan(self.has_sex, self.has_identifiers, tuple(self.others))

    @property
    def comparison_names(self) -> list[str]:
        """Names of the comparisons, in order."""
        return [comparison["output_column_name"] for comparison in self.comparisons]

    @property
    def prior_weight(self) -> float:
        """The prior as a match weight (bits): the starting point of every pair's weight."""
        return prior_weight(self.probability_two_random_records_match)

    @property
    def adjusted_comparisons(self) -> set[str]:
        """Names of the comparisons with a term-frequency adjustment."""
        return {
            each["output_column_name"]
            for each in self.comparisons
            if any(level.get("tf_adjustment_column") for level in each["comparison_levels"])
        }

    def level_labels(self, comparison_name: str) -> dict[int, str]:
        """Return each level's label by gamma (-1: not weighed, 0: different, higher: closer)."""
        levels = self._list_levels(comparison_name)
        known = [level for level in levels if not level.get("is_null_level")]
        unknown = next(level for level in levels if level.get("is_null_level"))
        return {NULL_GAMMA: str(unknown["label_for_charts"])} | {
            len(known) - 1 - place: level["label_for_charts"] for place, level in enumerate(known)
        }

    def find_gammas(self, comparison_name: str, labels: list[str]) -> list[int]:
        """Return the gammas of the levels with these labels.

        Raises `ModelError` for a label that the comparison does not have.
        """
        by_label = {label: gamma for gamma, label in self.level_labels(comparison_name).items()}
        unknown = sorted(set(labels) - set(by_label))
        if unknown:
            raise ModelError(f"comparison {comparison_name} has no level {', '.join(unknown)}")
        return sorted(by_label[label] for label in labels)

    def levels_by_label(self, comparison_name: str) -> dict[str, dict[str, Any]]:
        """Return the levels of a comparison with m and u, by label, without the null level."""
        return {
            str(level["label_for_charts"]): level
            for level in self._list_levels(comparison_name)
            if not level.get("is_null_level")
        }

    def _list_levels(self, comparison_name: str) -> list[dict[str, Any]]:
        for comparison in self.comparisons:
            if comparison["output_column_name"] == comparison_name:
                return list(comparison["comparison_levels"])
        raise ModelError(f"the model has no comparison {comparison_name}")

    def splink_settings(self) -> dict[str, Any]:
        """Return the model as Splink settings for scoring one table of persons."""
        return build_splink_settings(self.comparisons, self.probability_two_random_records_match)

    @model_validator(mode="after")
    def _check_comparisons(self) -> Model:
        """Check that the comparisons have the levels, conditions and columns of this code."""
        expected = build_comparisons(self.comparison_plan)
        if list(map(_describe_levels, expected)) != list(map(_describe_levels, self.comparisons)):
            raise ValueError("the model was trained for other comparisons: train again")
        missing = set(list_frequency_columns(expected)) - set(self.frequencies)
        if missing:
            raise ValueError(f"no frequencies of {', '.join(sorted(missing))}")
        for comparison in self.comparisons:
            for level in comparison["comparison_levels"]:
                if not level.get("is_null_level") and not _has_weights(level):
                    raise ValueError(f"{comparison['output_column_name']}: a level has no weight")
        conditions = [each for cap in self.caps for each in (cap.when, cap.unless)]
        conditions += [calibration.when for calibration in self.calibrations]
        for name, labels in (item for each in conditions for item in each.items()):
            if name in self.comparison_names:
                self.find_gammas(name, labels)
        return self


def _describe_levels(comparison: dict[str, Any]) -> tuple[Any, ...]:
    levels = comparison["comparison_levels"]
    return (
        comparison["output_column_name"],
        tuple((level["label_for_charts"], level["sql_condition"]) for level in levels),
    )


def _has_weights(level: dict[str, Any]) -> bool:
    return all(0 < level.get(name, 0) <= 1 for name in ("m_probability", "u_probability"))


def prior_weight(probability: float) -> float:
    """Return a prior probability (0-1) as a match weight in bits."""
    return log2(probability / (1 - probability))


def build_splink_settings(comparisons: list[dict[str, Any]], prior: float) -> dict[str, Any]:
    """Return Splink settings over persons; the pairs come from `block`, not from these settings."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "person_id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.dataset = r.dataset"}],
        "probability_two_random_records_match": prior,
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "max_iterations": 50,
        "em_convergence": 0.0005,
        "linker_uid": "register",
    }


def load_model(path: Path = MODEL_PATH) -> Model:
    """Read and validate a model file.

    Raises `ModelError` if the file is missing or unusable, or was edited without a new version.
    """
    try:
        model = Model.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"no model at {path.name}: train one first") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors())
        raise ModelError(f"{path.name} is not a usable model: {wrong}") from error
    version = model.with_version().version
    if model.version != version:
        raise ModelError(f"{path.name} was changed: its version is not {version}")
    return model


def save_model(model: Model, path: Path) -> None:
    """Write a model in one step, so that no reader can see a half-written file."""
    text = json.dumps(model.model_dump(), indent=1, sort_keys=True) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
