"""A home's own linkage models: candidates trained on its data, and the model in use.

`models/` has the candidates, each with its report. A row of `decisions/linkage_models.csv` pins a
candidate, or cancels the last pin. Pinned models are copied to `decisions/linkage_models/`, so the
register can be rebuilt from landing and decisions. Without a pin, the package's own model links the
records. Training, comparing and evaluating models belongs in `register.identity`.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from register.decision_files import (
    append_decisions,
    find_decision_file_fault,
    read_author,
    read_decision_rows,
)
from register.durable import write_whole
from register.feeds import format_instant
from register.identity.score import MODEL_PATH, Model, ModelError, load_model
from register.settings import Settings

PINS, PINNED_MODELS = "linkage_models.csv", "linkage_models"
PIN, VOID = "pin", "void"
# The copy of the home's own model, in the warehouse's folder, if the last build used one.
BUILD_MODEL = "linkage_model.json"
PRIVATE_FILE = 0o600


class LinkageModelError(ValueError):
    """A linkage model cannot be pinned, unpinned or read; the message says why."""


@dataclass(frozen=True)
class Pin:
    """One row of the file of pins, as text. A void row names the model that is no longer pinned."""

    decided_at: str
    decided_by: str
    decision: str
    model_version: str
    reason: str


def save_candidate(settings: Settings, model: Model, report: dict[str, Any]) -> Path:
    """Write a candidate model and its report to the home, and return the model's path.

    In the report, `criteria` says which criteria the candidate meets, and `in_use` is the version
    of the model that it was compared with.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    path = settings.models / f"{model.version}.json"
    write_whole(path, _format_json(model.model_dump()), PRIVATE_FILE)
    write_whole(_report_path(path), _format_json(report), PRIVATE_FILE)
    return path


def list_candidates(settings: Settings) -> list[str]:
    """Return the versions of a home's candidate models, in order."""
    reports = settings.models.glob("*.report.json")
    return sorted(path.name.removesuffix(".report.json") for path in reports)


def read_report(settings: Settings, version: str) -> dict[str, Any]:
    """Return the report on a candidate. Raises `LinkageModelError` if it is unknown."""
    path = _report_path(settings.models / f"{version}.json")
    if version not in list_candidates(settings):
        raise LinkageModelError(
            f"this home has no candidate {version}: `register identity train` makes one"
        )
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def pin_model(settings: Settings, version: str, *, by: str, reason: str) -> Pin:
    """Make a candidate the home's linkage model from the next load on.

    Raises `LinkageModelError` and writes nothing if a name or reason is missing, or if the
    candidate cannot be used. It cannot be used if it is unknown, already in use, or fails a
    criterion. Nor can it be used if the model that it was compared with is no longer in use.
    """
    by, reason = read_author(by, reason, LinkageModelError)
    report = read_report(settings, version)
    source = settings.models / f"{version}.json"
    try:
        model = load_model(source)
    except ModelError as error:
        raise LinkageModelError(str(error)) from None
    if model.version != version:
        raise LinkageModelError(f"{source.name} is the model {model.version}, not {version}")
    unmet = "; ".join(
        f"{each['code']} ({each['measured']}; {each['limit']})"
        for each in report["criteria"]
        if each["is_met"] is False
    )
    if unmet:
        raise LinkageModelError(f"{version} does not meet its criteria: {unmet}")
    in_use = load_model(model_path(settings)).version
    if in_use == version:
        raise LinkageModelError(f"{version} is in use already")
    if report["in_use"] != in_use:
        raise LinkageModelError(
            f"{version} was compared with {report['in_use']}, and {in_use} is in use: train again"
        )
    folder = settings.decisions / PINNED_MODELS
    folder.mkdir(parents=True, exist_ok=True)
    for path in (source, _report_path(source)):
        write_whole(folder / path.name, path.read_bytes())
    pin = Pin(_current_instant(), by, PIN, version, reason)
    append_decisions(settings, PINS, [astuple(pin)], LinkageModelError)
    return pin


def unpin_model(settings: Settings, *, by: str, reason: str) -> str:
    """Cancel the last pin, and return the version of the model that the next load will use.

    Raises `LinkageModelError` if nothing is pinned, or if a name or reason is missing.
    """
    by, reason = read_author(by, reason, LinkageModelError)
    pins = _read_standing_pins(settings, None)
    if not pins:
        raise LinkageModelError("no model of this home is pinned: that of the package links it")
    unpin = Pin(_current_instant(), by, VOID, pins[-1].model_version, reason)
    append_decisions(settings, PINS, [astuple(unpin)], LinkageModelError)
    return load_model(model_path(settings)).version


def read_pins(settings: Settings) -> list[Pin]:
    """Return all pins and their cancellations, in order.

    Raises `LinkageModelError` for a damaged file.
    """
    if not (settings.decisions / PINS).exists():
        return []
    fault = find_decision_file_fault(settings, PINS)
    if fault is not None:
        raise LinkageModelError(fault)
    return [Pin(**row) for row in read_decision_rows(settings, PINS)]


def model_path(settings: Settings, known_at: str | None = None) -> Path:
    """Return the file of the linkage model in use, by the pins made until `known_at` (UTC).

    By default, all pins count. Without a pin, it is the package's model. Raises `LinkageModelError`
    if the file of a pinned model is missing.
    """
    pins = _read_standing_pins(settings, known_at)
    if not pins:
        return MODEL_PATH
    path = settings.decisions / PINNED_MODELS / f"{pins[-1].model_version}.json"
    if not path.exists():
        raise LinkageModelError(
            f"the pinned model {path.stem} is not in decisions/{PINNED_MODELS}: restore it from the"
            " backup, or `register identity unpin`"
        )
    return path


def place_build_model(settings: Settings, known_at: str | None = None) -> Model:
    """Return the model in use for a build that starts, after copying its file if it is pinned.

    So later pins do not affect the build. Raises `LinkageModelError` if the pinned model is missing
    or does not fit this release.
    """
    source, target = model_path(settings, known_at), settings.warehouse / BUILD_MODEL
    try:
        model = load_model(source)
    except ModelError as error:
        raise LinkageModelError(
            f"{error}. `register identity train` learns another, `register identity unpin` goes"
            " back"
        ) from None
    target.unlink(missing_ok=True)
    if source != MODEL_PATH:
        write_whole(target, source.read_bytes(), PRIVATE_FILE)
    return model


def build_model_path(settings: Settings) -> Path:
    """Return the file of the model that the running build uses, or that the last build used."""
    path = settings.warehouse / BUILD_MODEL
    return path if path.exists() else MODEL_PATH


def _read_standing_pins(settings: Settings, known_at: str | None) -> list[Pin]:
    """Return the pins that were not cancelled, in order."""
    pins: list[Pin] = []
    for pin in read_pins(settings):
        if known_at is not None and pin.decided_at > known_at:
            break
        if pin.decision == PIN:
            pins.append(pin)
        elif pins:
            pins.pop()
    return pins


def _report_path(model_path: Path) -> Path:
    return model_path.with_name(f"{model_path.stem}.report.json")


def _format_json(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()


def _current_instant() -> str:
    return format_instant(datetime.now(UTC))
