"""The targets of serving by name: what a load and a person's command both run."""

from __future__ import annotations

from collections.abc import Sequence

from register.publishing import PublishError, current_generation
from register.serving.catalogue import ForeignKey
from register.serving.parquet import serve_parquet
from register.settings import Settings


def serve(settings: Settings, target: str, keys: Sequence[ForeignKey]) -> dict[str, str | int]:
    """Give the current generation to one target; return what was served, in words and counts.

    Raises whatever made it fail: its readers then have what they had.
    """
    generation = current_generation(settings)
    if generation is None:
        raise PublishError("nothing is published yet: run `register load`")
    served = serve_parquet(settings, generation, keys)
    return {
        "generation": generation.generation_id,
        "relations": served.relation_count,
        "files": served.file_count,
        "bytes": served.byte_count,
        "folder": str(served.folder),
    }
