"""The plan of an erasure: what it is about, and which steps are done.

It lies in `operations/erasures`, has pseudonyms and counts only, and lets a killed erasure
continue. When the erasure is complete, its pseudonyms are removed.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from register.access import PRIVATE_FOLDER
from register.durable import write_whole
from register.erased_persons import compute_person_code
from register.erasure.erasure_subjects import ErasureError, Subject
from register.erasure.worksheet_copies import find_copies
from register.settings import Settings

FOLDER = "erasures"
ID_DIGITS = 12
SALT_BYTES = 16
PAIRS = ("tombstones", "counts")
LISTS = ("pseudonyms", "files", "deliveries", "released_keys", "done")


@dataclass(frozen=True)
class ErasurePlan:
    """An erasure: its id, who decided and why, the tombstones, and the steps that are done.

    `tombstones` are pairs of a supplier's code and a person's code. `counts` has the number of
    erased rows or files by kind. Of `deliveries`, all content is removed. `released_keys` become
    other keys in releases of statistics, made with the random `salt`.
    """

    erasure_id: str
    decided_by: str
    approved_by: str
    reason_code: str
    tombstones: tuple[tuple[str, str], ...]
    pseudonyms: tuple[str, ...]
    files: tuple[str, ...] = ()
    removes_from_inbox: bool = False
    deliveries: tuple[str, ...] = ()
    released_keys: tuple[str, ...] = ()
    salt: str = ""
    done: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    is_complete: bool = False

    def complete_step(self, name: str, counts: dict[str, int]) -> ErasurePlan:
        """Return the plan after a step, with what the step removed."""
        total = dict(self.counts)
        for kind, count in counts.items():
            total[kind] = total.get(kind, 0) + count
        return replace(self, done=(*self.done, name), counts=tuple(sorted(total.items())))


def make_plan(
    settings: Settings,
    subject: Subject,
    *,
    decided_by: str,
    approved_by: str,
    reason_code: str,
) -> ErasurePlan:
    """Return a new plan. The same persons always get the same id."""
    tombstones = tuple(
        (supplier, compute_person_code(settings.pseudonym_key, supplier, person))
        for supplier, person in subject.persons
    )
    digest = hashlib.sha256(json.dumps(sorted(tombstones)).encode()).hexdigest()
    return ErasurePlan(
        erasure_id=f"E{digest[:ID_DIGITS]}",
        decided_by=decided_by,
        approved_by=approved_by,
        reason_code=reason_code,
        tombstones=tombstones,
        pseudonyms=tuple(sorted(subject.pseudonyms)),
        files=find_copies(settings, subject),
        released_keys=tuple(sorted(subject.released_keys)),
        salt=secrets.token_hex(SALT_BYTES),
    )


def make_retention_plan(delivery_ids: Iterable[str], decided_by: str) -> ErasurePlan:
    """Return a plan that removes the content of deliveries past their term."""
    deliveries = tuple(sorted(delivery_ids))
    digest = hashlib.sha256(json.dumps(deliveries).encode()).hexdigest()
    return ErasurePlan(
        f"R{digest[:ID_DIGITS]}", decided_by, "", "retention", (), (), deliveries=deliveries
    )


def write_plan(settings: Settings, plan: ErasurePlan) -> None:
    """Store a plan durably."""
    folder = _plan_folder(settings)
    for each in (settings.operations, folder):
        each.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
    text = json.dumps(asdict(plan), indent=1)
    write_whole(folder / f"{plan.erasure_id}.json", f"{text}\n".encode(), 0o600)


def read_plan(settings: Settings, erasure_id: str) -> ErasurePlan | None:
    """Return a stored plan; None if there is none of this id."""
    path = _plan_folder(settings) / f"{erasure_id}.json"
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_bytes())
        pairs = {name: tuple(map(tuple, stored[name])) for name in PAIRS}
        lists = {name: tuple(stored[name]) for name in LISTS}
        return ErasurePlan(**{**stored, **pairs, **lists})
    except (ValueError, KeyError, TypeError):
        raise ErasureError(
            f"the plan {path.name} is damaged: remove it and start the erasure again"
        ) from None


def read_unfinished_plans(settings: Settings) -> list[ErasurePlan]:
    """Return the plans of erasures that were interrupted."""
    names = sorted(path.stem for path in _plan_folder(settings).glob("*.json"))
    plans = [read_plan(settings, name) for name in names]
    return [plan for plan in plans if plan is not None and not plan.is_complete]


def _plan_folder(settings: Settings) -> Path:
    return settings.operations / FOLDER
