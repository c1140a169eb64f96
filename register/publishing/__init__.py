"""Publishing: whole generations of the register, swapped in at once, and what is read from one.

What the marts are belongs in `dbt_project`; when a generation is made belongs in `orchestration`.
"""

from register.publishing.breaches import read_breaches, read_statuses
from register.publishing.case_lists import (
    BodyCount,
    CaseCount,
    ListedCase,
    count_by_body,
    count_cases,
    read_cases,
)
from register.publishing.churn import (
    HOLDING_TEST,
    ChurnError,
    accept_churn,
    held_churn,
)
from register.publishing.comparison import Comparison, compare
from register.publishing.figure_process import trace_figure_apart
from register.publishing.generations import (
    Generation,
    PublishError,
    current_generation,
    end_build,
    generations_aside,
    keep_failed,
    kept_generations,
    make_current,
    name_generation,
    named_generation,
    next_folder,
    next_generation,
    open_register,
    parquet_generation,
    point_parquet,
    publish,
    scratch_folder,
    stale_builds,
    sweep_dead_builds,
)
from register.publishing.key_history import KeyEvent, KeyHistory, read_key_history
from register.publishing.manifest import (
    ManifestError,
    code_version,
    model_hash,
    note_linkage_model,
    read_manifest,
)
from register.publishing.raw import RawLineError, delivered_file, read_raw_line
from register.publishing.soundness import published_faults
from register.publishing.summary import Summary, summarise
from register.publishing.trace import (
    FOLLOWED,
    FigureError,
    FigureTrace,
    SourceLine,
    Trace,
    follow,
    trace_figure,
    trace_id,
)

__all__ = [
    "FOLLOWED",
    "HOLDING_TEST",
    "BodyCount",
    "CaseCount",
    "ChurnError",
    "Comparison",
    "FigureError",
    "FigureTrace",
    "Generation",
    "KeyEvent",
    "KeyHistory",
    "ListedCase",
    "ManifestError",
    "PublishError",
    "RawLineError",
    "SourceLine",
    "Summary",
    "Trace",
    "accept_churn",
    "code_version",
    "compare",
    "count_by_body",
    "count_cases",
    "current_generation",
    "delivered_file",
    "end_build",
    "follow",
    "generations_aside",
    "held_churn",
    "keep_failed",
    "kept_generations",
    "make_current",
    "model_hash",
    "name_generation",
    "named_generation",
    "next_folder",
    "next_generation",
    "note_linkage_model",
    "open_register",
    "parquet_generation",
    "point_parquet",
    "publish",
    "published_faults",
    "read_breaches",
    "read_cases",
    "read_key_history",
    "read_manifest",
    "read_raw_line",
    "read_statuses",
    "scratch_folder",
    "stale_builds",
    "summarise",
    "sweep_dead_builds",
    "trace_figure",
    "trace_figure_apart",
    "trace_id",
]
