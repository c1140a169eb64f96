"""Publication of generations of the register, and reading of published generations.

Each generation replaces the one before in a single step. Marts belong in `dbt_project`, and the
timing of builds in `orchestration`.
"""

from register.publishing.breaches import read_breaches, read_statuses
from register.publishing.case_lists import (
    ListedChild,
    SilentSupplier,
    TaskCount,
    convert_to_london,
    count_tasks,
    read_absence_lines,
    read_children,
    read_silent_suppliers,
)
from register.publishing.churn import (
    HOLDING_TEST,
    ChurnError,
    accept_churn,
    read_held_churn,
)
from register.publishing.coarse_form import (
    CoarseColumn,
    Levels,
    coarsen_column,
    write_coarse_form,
)
from register.publishing.comparison import Comparison, compare_generations
from register.publishing.figure_process import trace_figure_apart
from register.publishing.former_keys import (
    add_former_keys,
    erase_former_keys,
    get_former_keys_file,
    list_former_keys,
    read_former_keys,
)
from register.publishing.generations import (
    READER_GRACE_SECONDS,
    Generation,
    PublishError,
    current_generation,
    end_build,
    find_stale_files,
    generations_aside,
    keep_failed,
    kept_generations,
    make_current,
    next_folder,
    next_generation,
    publish,
    read_generation_id,
    remove_other_generations,
    scratch_folder,
    sweep_dead_builds,
    write_generation_id,
)
from register.publishing.key_history import KeyEvent, KeyHistory, read_key_history
from register.publishing.manifest import (
    ManifestError,
    code_version,
    model_hash,
    note_linkage_model,
    read_manifest,
)
from register.publishing.parquet_links import parquet_generation, point_parquet
from register.publishing.raw import RawLineError, find_delivered_file, read_raw_line
from register.publishing.register_files import open_area_copy, open_register
from register.publishing.remaining_work import (
    FEEDBACK,
    MEASURES,
    RemainingWork,
    find_remaining_work,
    record_stage,
)
from register.publishing.soundness import find_published_faults
from register.publishing.summary import Summary, summarise
from register.publishing.trace import (
    TRACEABLE_COLUMNS,
    FigureError,
    FigureTrace,
    SourceLine,
    Trace,
    trace_figure,
    trace_id,
    trace_open_id,
)

__all__ = [
    "FEEDBACK",
    "HOLDING_TEST",
    "MEASURES",
    "READER_GRACE_SECONDS",
    "TRACEABLE_COLUMNS",
    "ChurnError",
    "CoarseColumn",
    "Comparison",
    "FigureError",
    "FigureTrace",
    "Generation",
    "KeyEvent",
    "KeyHistory",
    "Levels",
    "ListedChild",
    "ManifestError",
    "PublishError",
    "RawLineError",
    "RemainingWork",
    "SilentSupplier",
    "SourceLine",
    "Summary",
    "TaskCount",
    "Trace",
    "accept_churn",
    "add_former_keys",
    "coarsen_column",
    "code_version",
    "compare_generations",
    "convert_to_london",
    "count_tasks",
    "current_generation",
    "end_build",
    "erase_former_keys",
    "find_delivered_file",
    "find_published_faults",
    "find_remaining_work",
    "find_stale_files",
    "generations_aside",
    "get_former_keys_file",
    "keep_failed",
    "kept_generations",
    "list_former_keys",
    "make_current",
    "model_hash",
    "next_folder",
    "next_generation",
    "note_linkage_model",
    "open_area_copy",
    "open_register",
    "parquet_generation",
    "point_parquet",
    "publish",
    "read_absence_lines",
    "read_breaches",
    "read_children",
    "read_former_keys",
    "read_generation_id",
    "read_held_churn",
    "read_key_history",
    "read_manifest",
    "read_raw_line",
    "read_silent_suppliers",
    "read_statuses",
    "record_stage",
    "remove_other_generations",
    "scratch_folder",
    "summarise",
    "sweep_dead_builds",
    "trace_figure",
    "trace_figure_apart",
    "trace_id",
    "trace_open_id",
    "write_coarse_form",
    "write_generation_id",
]
