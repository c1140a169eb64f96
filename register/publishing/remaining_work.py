"""The stages that follow publication, and what a load has to do.

Each stage records the generation that it has completed. A load leaves out what is complete: it ends
at once if no input and no stage has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from register.durable import write_whole
from register.feeds import examine_landing, note_copies, read_inbox_state
from register.publishing.generations import Generation, current_generation
from register.publishing.inputs import list_changed_inputs
from register.publishing.manifest import ManifestError
from register.rewritten_files import read_rewritten
from register.settings import Settings

FEEDBACK = "feedback"
MEASURES = "measures"


@dataclass(frozen=True)
class RemainingWork:
    """What a load has to do: build for these reasons, or else only complete these stages."""

    reasons_to_build: tuple[str, ...]
    unfinished_stages: tuple[str, ...]


def find_remaining_work(settings: Settings) -> RemainingWork:
    """Compare the inbox, landing, the inputs and all stages with the current generation."""
    generation = current_generation(settings)
    if generation is None:
        return RemainingWork(("nothing is published yet",), ())
    reasons = []
    note_copies(settings)
    new = read_inbox_state(settings).new
    if new:
        reasons.append(f"{len(new):,} new in the inbox")
    elif examine_landing(settings.landing, ring=settings.data_keys).damaged:
        reasons.append("landing is damaged")
    try:
        manifest = generation.manifest()
    except ManifestError:
        return RemainingWork((*reasons, "the current generation is damaged"), ())
    if _lacks_files(settings, generation, manifest):
        reasons.append("the current generation is damaged")
    reasons += [f"{kind} changed" for kind in list_changed_inputs(settings, manifest)]
    return RemainingWork(tuple(reasons), tuple(_list_unfinished(settings, generation)))


def _lacks_files(settings: Settings, generation: Generation, manifest: dict[str, Any]) -> bool:
    """Return whether a published file is missing or has another size than its manifest says."""
    files = {generation.folder / name: stated for name, stated in manifest.get("files", {}).items()}
    rewritten = read_rewritten(settings.data_keys, settings.landing)
    return any(
        not path.is_file()
        or (
            path.stat().st_size != stated["bytes"]
            and not rewritten.has_content(path, stated["sha256"])
        )
        for path, stated in files.items()
    )


def record_stage(settings: Settings, stage: str, generation_id: str) -> None:
    """Record that a stage is complete for a generation."""
    path = _stage_file(settings, stage)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, generation_id.encode())


def _is_complete(settings: Settings, stage: str, generation_id: str) -> bool:
    """Return whether a stage is complete for a generation."""
    path = _stage_file(settings, stage)
    return path.exists() and path.read_text(encoding="utf-8") == generation_id


def _list_unfinished(settings: Settings, generation: Generation) -> list[str]:
    return [
        stage
        for stage in (FEEDBACK, *settings.serving_targets, MEASURES)
        if not _is_complete(settings, stage, generation.generation_id)
    ]


def _stage_file(settings: Settings, stage: str) -> Path:
    return settings.warehouse / "stages" / stage
