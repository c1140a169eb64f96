"""The context model: the weight of a doubtful pair, with evidence that other records give.

The match weight of a pair that no cap limits comes from the two records alone. Any other pair is
doubtful. Its weight is the sum of a base, a weight for its cap, and terms. Each term is a function
of one feature, such as the sum of the comparisons or the best rival among other records
(`cluster.context_features`). So the contributions to a weight can be listed one by one. Such a sum
is a generalised additive model (Hastie and Tibshirani, 1986).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, model_validator

from register.yaml_file import read_yaml

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]
WEIGHT, DISCOUNT, CAP = "weight", "discount", "cap"
OWN_WEIGHTS = ("weight_at_home", "weight_elsewhere")
NO_CAP = "none"


class Term(BaseModel):
    """A function of one feature, in bits: linear between `knots`, constant before and after them.

    `missing` is the weight if the feature has no value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feature: str
    reason: str
    knots: list[float]
    bits: list[float]
    missing: float = 0.0

    @model_validator(mode="after")
    def _check_knots(self) -> Term:
        is_rising = all(low < high for low, high in pairwise(self.knots))
        if len(self.knots) != len(self.bits) or not is_rising:
            raise ValueError(f"{self.feature}: knots must rise, and each needs a weight")
        return self

    def compute_bits(self, values: Floats) -> Floats:
        """Return the weight (bits) of each value; NaN stands for no value."""
        known = np.nan_to_num(values, nan=self.knots[0])
        return np.where(np.isnan(values), self.missing, np.interp(known, self.knots, self.bits))


class ContextModel(BaseModel):
    """The weights (bits) of doubtful pairs: `base`, one by cap (`of_caps`), and terms.

    In `of_caps`, `NO_CAP` is a pair without a cap whose own weight is below the link threshold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: float
    of_caps: dict[str, float]
    terms: list[Term]

    def compute_contributions(
        self, features: Mapping[str, Floats], caps: npt.NDArray[np.str_]
    ) -> dict[str, Floats]:
        """Return what context adds (bits) to the own weight of each pair, by name, in order.

        `DISCOUNT` is first: fields often agree for a common reason, so their sum counts less. A cap
        that the model does not know counts as 0 bits.
        """
        names, places = np.unique(caps, return_inverse=True)
        of_caps = np.array([self.of_caps.get(str(name), 0.0) for name in names] or [0.0])
        added = {term.feature: term.compute_bits(features[term.feature]) for term in self.terms}
        counted = sum(added.pop(name) for name in OWN_WEIGHTS)
        discount = self.base + counted - features[WEIGHT]
        return {DISCOUNT: discount, CAP: of_caps[places], **added}


def read_register_context() -> ContextModel:
    """Read the context model of the register's linkage model from `context.yaml`."""
    return ContextModel.model_validate(read_yaml(Path(__file__).with_name("context.yaml")))
