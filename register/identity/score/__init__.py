"""Score: the linkage model, its training, and the match weight of every candidate pair.

Which pairs are candidates is decided in `block`, which pairs become one child in `cluster`.
"""

from register.identity.score.adaptation import (
    AdaptationReport,
    LevelDifference,
    adapt,
    level_differences,
)
from register.identity.score.drift import DRIFT_SCHEMA, weight_drift
from register.identity.score.frequencies import Frequencies, frequency_table
from register.identity.score.links import (
    LINK_SCHEMA,
    PRIOR,
    WEIGHT_SCHEMA,
    calibrated_probability,
    links_at,
    links_from_scores,
    list_weights,
)
from register.identity.score.model import (
    MODEL_PATH,
    Model,
    ModelError,
    Thresholds,
    load_model,
)
from register.identity.score.score_cache import rescore, rescore_in_batches
from register.identity.score.scoring import (
    Engine,
    least_scored,
    score_here,
    score_pairs,
    score_persons,
    scored_columns,
)
from register.identity.score.training import (
    TrainingOptions,
    TrainingReport,
    train,
    train_persons,
)

__all__ = [
    "DRIFT_SCHEMA",
    "LINK_SCHEMA",
    "MODEL_PATH",
    "PRIOR",
    "WEIGHT_SCHEMA",
    "AdaptationReport",
    "Engine",
    "Frequencies",
    "LevelDifference",
    "Model",
    "ModelError",
    "Thresholds",
    "TrainingOptions",
    "TrainingReport",
    "adapt",
    "calibrated_probability",
    "frequency_table",
    "least_scored",
    "level_differences",
    "links_at",
    "links_from_scores",
    "list_weights",
    "load_model",
    "rescore",
    "rescore_in_batches",
    "score_here",
    "score_pairs",
    "score_persons",
    "scored_columns",
    "train",
    "train_persons",
    "weight_drift",
]
