"""Score: the linkage model, its training, and the match weight of every candidate pair.

`block` decides which pairs are candidates; `cluster` decides which pairs become one child.
"""

from register.identity.score.adaptation import (
    AdaptationReport,
    LevelDifference,
    adapt_model,
    level_differences,
)
from register.identity.score.context_model import (
    CAP,
    DISCOUNT,
    NO_CAP,
    WEIGHT,
    ContextModel,
    Term,
)
from register.identity.score.drift import DRIFT_SCHEMA, weight_drift
from register.identity.score.estimation import OnStep, ignore_step
from register.identity.score.frequencies import Frequencies, frequency_table
from register.identity.score.links import (
    CONTEXT_TYPE,
    LINK_SCHEMA,
    PRIOR,
    WEIGHT_SCHEMA,
    apply_threshold,
    calibrated_probability,
    links_from_scores,
    list_weights,
)
from register.identity.score.model import (
    MODEL_PATH,
    Model,
    ModelError,
    Thresholds,
    load_model,
    save_model,
)
from register.identity.score.score_cache import rescore, rescore_in_batches
from register.identity.score.scoring import (
    Engine,
    list_scored_columns,
    min_scored_weight,
    score_in_duckdb,
    score_pairs,
    score_persons,
)
from register.identity.score.training import (
    TrainingOptions,
    TrainingReport,
    train_model,
    train_persons,
)

__all__ = [
    "CAP",
    "CONTEXT_TYPE",
    "DISCOUNT",
    "DRIFT_SCHEMA",
    "LINK_SCHEMA",
    "MODEL_PATH",
    "NO_CAP",
    "PRIOR",
    "WEIGHT",
    "WEIGHT_SCHEMA",
    "AdaptationReport",
    "ContextModel",
    "Engine",
    "Frequencies",
    "LevelDifference",
    "Model",
    "ModelError",
    "OnStep",
    "Term",
    "Thresholds",
    "TrainingOptions",
    "TrainingReport",
    "adapt_model",
    "apply_threshold",
    "calibrated_probability",
    "frequency_table",
    "ignore_step",
    "level_differences",
    "links_from_scores",
    "list_scored_columns",
    "list_weights",
    "load_model",
    "min_scored_weight",
    "rescore",
    "rescore_in_batches",
    "save_model",
    "score_in_duckdb",
    "score_pairs",
    "score_persons",
    "train_model",
    "train_persons",
    "weight_drift",
]
