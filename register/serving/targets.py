"""The serving targets by name, for loads and for commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from register.access import EXACT_PARQUET, PARQUET
from register.publishing import (
    Generation,
    PublishError,
    current_generation,
    parquet_generation,
    record_stage,
)
from register.serving.catalogue import ForeignKey
from register.serving.lake import lake_generation, serve_lake
from register.serving.parquet import serve_parquet
from register.serving.parquet_copy import copy_parquet
from register.serving.postgres import postgres_generation, serve_postgres
from register.settings import Settings

Served = dict[str, str | int]


def serve(settings: Settings, target: str, keys: Sequence[ForeignKey]) -> Served:
    """Serve the current generation to one target, and return the numbers of what was served.

    If this fails, the error is raised, and the target's readers keep the generation before.
    """
    generation = current_generation(settings)
    if generation is None:
        raise PublishError("nothing is published yet: run `register load`")
    counts = TARGETS[target](settings, generation, keys)
    record_stage(settings, target, generation.generation_id)
    return {"generation": generation.generation_id, **counts}


def served_generation(settings: Settings, target: str) -> str | None:
    """Return the id of the generation that a target serves, or None if it serves none.

    Raises `PostgresError` or `LakeError` if the target cannot be read.
    """
    return SERVED_GENERATIONS[target](settings)


def _serve_parquet(
    settings: Settings, generation: Generation, keys: Sequence[ForeignKey], name: str = PARQUET
) -> Served:
    served = serve_parquet(settings, generation, keys, name)
    copied = {"copy": copy_parquet(settings, served.folder)} if settings.served_copy.place else {}
    return {
        "relations": served.relation_count,
        "files": served.file_count,
        "bytes": served.byte_count,
        "folder": str(served.folder),
        **copied,
    }


def _serve_postgres(
    settings: Settings, generation: Generation, keys: Sequence[ForeignKey]
) -> Served:
    served = serve_postgres(settings, generation, keys)
    return {
        "tables": served.table_count,
        "views": served.view_count,
        "rows": served.row_count,
        "swap_milliseconds": round(served.swap_seconds * 1000),
    }


def _serve_lake(settings: Settings, generation: Generation, keys: Sequence[ForeignKey]) -> Served:
    served = serve_lake(settings, generation, keys)
    return {
        "snapshot": served.snapshot,
        "tables": served.table_count,
        "changed_tables": served.changed_table_count,
        "written_rows": served.written_row_count,
    }


TARGETS: dict[str, Callable[[Settings, Generation, Sequence[ForeignKey]], Served]] = {
    "parquet": _serve_parquet,
    "parquet_exact": partial(_serve_parquet, name=EXACT_PARQUET),
    "postgres": _serve_postgres,
    "lake": _serve_lake,
}
SERVED_GENERATIONS: dict[str, Callable[[Settings], str | None]] = {
    "parquet": parquet_generation,
    "parquet_exact": partial(parquet_generation, name=EXACT_PARQUET),
    "postgres": postgres_generation,
    "lake": lake_generation,
}
