"""A home's own linkage models: candidates that were trained on it, and the one that links it.

`models/` has candidates, each with its report. `decisions/linkage_models.csv` is only appended to:
a row pins a candidate, or takes the last pin back; the pinned models themselves lie in
`decisions/linkage_models/`, so that a register can be made again from landing and decisions.
Without a pin the model of the package links. How a model is learned, compared and judged belongs
to `register.identity`.
"""

from __future__ import annotations

import csv
import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from register.decision_files import append_decisions, decision_file_fault
from register.durable import write_whole
from register.feeds import as_instant
from register.identity.score import MODEL_PATH, Model, ModelError, load_model
from register.settings import Settings

PINS, PINNED_MODELS = "linkage_models.csv", "linkage_models"
PIN, VOID = "pin", "void"
# In the warehouse's folder: the model of the home by which the last build linked, if it has one.
BUILD_MODEL = "linkage_model.json"
PRIVATE_FILE = 0o600


class LinkageModelError(ValueError):
    """A model cannot be pinned, taken back or found; the message says why."""


@dataclass(frozen=True)
class Pin:
    """One row of the file, as text; a void one names the model that is no longer in use."""

    decided_at: str
    decided_by: str
    decision: str
    model_version: str
    reason: str


def save_candidate(settings: Settings, model: Model, report: dict[str, Any]) -> Path:
    """Write a candidate and its report (plain data) to the home; return the path of the model.

    The report says in `criteria` which criteria the candidate meets, and in `in_use` with which
    model it was compared.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    path = settings.models / f"{model.version}.json"
    write_whole(path, _as_bytes(model.model_dump()), PRIVATE_FILE)
    write_whole(_report_path(path), _as_bytes(report), PRIVATE_FILE)
    return path


def candidates(settings: Settings) -> list[str]:
    """The versions of the candidates of a home, in order."""
    reports = settings.models.glob("*.report.json")
    return sorted(path.name.removesuffix(".report.json") for path in reports)


def read_report(settings: Settings, version: str) -> dict[str, Any]:
    """The report of a candidate. Raises `LinkageModelError` where there is no such candidate."""
    path = _report_path(settings.models / f"{version}.json")
    if version not in candidates(settings):
        raise LinkageModelError(
            f"this home has no candidate {version}: `register identity train` makes one"
        )
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def pin_model(settings: Settings, version: str, *, by: str, reason: str) -> Pin:
    """Make a candidate the model that links this home, from the next load on.

    Raises `LinkageModelError`, and writes nothing, for an unknown candidate, one that does not meet
    its criteria, one that was compared with another model than the one in use now, or a missing
    name or reason.
    """
    by, reason = _one_line_each(by, reason)
    report = read_report(settings, version)
    source = settings.models / f"{version}.json"
    try:
        model = load_model(source)
    except ModelError as error:
        raise LinkageModelError(str(error)) from None
    if model.version != version:
        raise LinkageModelError(f"{source.name} is the model {model.version}, not {version}")
    against = [each for each in report["criteria"] if each["is_met"] is False]
    if against:
        said = "; ".join(
            f"{each['code']} ({each['measured']}; {each['limit']})" for each in against
        )
        raise LinkageModelError(f"{version} does not meet its criteria: {said}")
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
    return _append(settings, Pin(_now(), by, PIN, version, reason))


def unpin_model(settings: Settings, *, by: str, reason: str) -> str:
    """Take the last pin back; return the version of the model that links from the next load on.

    Raises `LinkageModelError` where nothing is pinned, or for a missing name or reason.
    """
    by, reason = _one_line_each(by, reason)
    standing = _standing(settings, None)
    if not standing:
        raise LinkageModelError("no model of this home is pinned: that of the package links it")
    _append(settings, Pin(_now(), by, VOID, standing[-1].model_version, reason))
    return load_model(model_path(settings)).version


def read_pins(settings: Settings) -> list[Pin]:
    """Every pin and every taking back, in order. Raises `LinkageModelError` for a broken file."""
    path = settings.decisions / PINS
    if not path.exists():
        return []
    fault = decision_file_fault(path)
    if fault is not None:
        raise LinkageModelError(fault)
    with path.open(encoding="utf-8", newline="") as file:
        return [Pin(**row) for row in csv.DictReader(file)]


def model_path(settings: Settings, known_at: str | None = None) -> Path:
    """The file of the model that links this home, as decided by `known_at` (UTC; default: now).

    That of the package, unless one is pinned. Raises `LinkageModelError` where a pinned model is
    not there.
    """
    standing = _standing(settings, known_at)
    if not standing:
        return MODEL_PATH
    path = settings.decisions / PINNED_MODELS / f"{standing[-1].model_version}.json"
    if not path.exists():
        raise LinkageModelError(
            f"the pinned model {path.stem} is not in decisions/{PINNED_MODELS}: restore it from the"
            " backup, or `register identity unpin`"
        )
    return path


def place_build_model(settings: Settings, known_at: str | None = None) -> Model:
    """Give the build that begins the model by which it links, whatever is pinned meanwhile.

    Raises `LinkageModelError` where the pinned model is missing or of no use to this release.
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
    """The file of the model by which the warehouse of this home was, or is being, linked."""
    placed = settings.warehouse / BUILD_MODEL
    return placed if placed.exists() else MODEL_PATH


def _standing(settings: Settings, known_at: str | None) -> list[Pin]:
    """The pins that are not taken back, in the order in which they were made."""
    standing: list[Pin] = []
    for pin in read_pins(settings):
        if known_at is not None and pin.decided_at > known_at:
            break
        if pin.decision == PIN:
            standing.append(pin)
        elif standing:
            standing.pop()
    return standing


def _append(settings: Settings, pin: Pin) -> Pin:
    append_decisions(settings, PINS, [astuple(pin)], LinkageModelError)
    return pin


def _one_line_each(by: str, reason: str) -> tuple[str, str]:
    if not by.strip() or not reason.strip():
        raise LinkageModelError("a decision needs a name and a reason")
    return " ".join(by.split()), " ".join(reason.split())


def _report_path(model_path: Path) -> Path:
    return model_path.with_name(f"{model_path.stem}.report.json")


def _as_bytes(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()


def _now() -> str:
    return as_instant(datetime.now(UTC))
