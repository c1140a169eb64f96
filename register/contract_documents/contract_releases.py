"""Released versions of contracts, and the changes since then.

`released/<feed>.json` has the summary of the last released version, and the changes of all
versions. `python -m register.contract_documents DAY` writes these files when the project is
released.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from register.contract_documents.contract_summary import (
    ContractChange,
    Level,
    Summary,
    compare_summaries,
    summarise_contract,
)
from register.data_packages import encode_json
from register.feeds import Contract, load_contracts, load_usable_layouts
from register.settings import PROJECT_ROOT

RELEASED = Path(__file__).parent / "released"
SEEDS = PROJECT_ROOT / "seeds"


def build_changelog(folder: Path = RELEASED) -> dict[str, Any]:
    """Return the versions of each contract with their changes, newest first.

    Changes that are not released yet are listed under the coming version, without a day.
    """
    contracts = {}
    for feed, contract in load_contracts().items():
        versions = list(reversed(_read_release(folder, feed)["versions"]))
        changes = list_unreleased_changes(contract, folder)
        if changes or contract.version != versions[0]["version"]:
            versions.insert(0, _describe_version(contract.version, None, changes))
        contracts[feed] = {"version": contract.version, "versions": versions}
    return {"contracts": contracts}


def list_unreleased_changes(contract: Contract, folder: Path = RELEASED) -> list[ContractChange]:
    """Return what changed in a contract since its last released version."""
    return compare_summaries(_read_release(folder, contract.id)["summary"], _summarise(contract))


def find_version_faults(folder: Path = RELEASED) -> Iterator[str]:
    """Yield a sentence for each contract whose version is too low for its changes."""
    for feed, contract in load_contracts().items():
        released = _read_release(folder, feed)["versions"][-1]["version"]
        changes = list_unreleased_changes(contract, folder)
        level = max((change.level for change in changes), default=Level.NONE)
        if not _is_high_enough(_split(released), _split(contract.version), level):
            worst = next(change for change in changes if change.level == level) if changes else None
            why = f"{worst.place}: {worst.change}" if worst else "a version never goes back"
            yield f"{feed} {contract.version} after {released} ({level.name.lower()}): {why}"


def release_contracts(day: date, folder: Path = RELEASED) -> None:
    """Write the released version of each contract that has a version of its own since then."""
    faults = list(find_version_faults(folder))
    if faults:
        raise ValueError("; ".join(faults))
    for feed, contract in load_contracts().items():
        release = _read_release(folder, feed)
        if release["versions"][-1]["version"] != contract.version:
            changes = list_unreleased_changes(contract, folder)
            release["versions"].append(_describe_version(contract.version, day, changes))
        release["summary"] = _summarise(contract)
        (folder / f"{feed}.json").write_text(encode_json(release), encoding="utf-8")


def _summarise(contract: Contract) -> Summary:
    return summarise_contract(contract, load_usable_layouts(), SEEDS)


def _read_release(folder: Path, feed: str) -> dict[str, Any]:
    release: dict[str, Any] = json.loads((folder / f"{feed}.json").read_text(encoding="utf-8"))
    return release


def _describe_version(
    version: str, day: date | None, changes: list[ContractChange]
) -> dict[str, Any]:
    return {
        "version": version,
        "released_on": day.isoformat() if day else None,
        "changes": [
            {"level": item.level.name.lower(), "place": item.place, "change": item.change}
            for item in changes
        ],
    }


def _split(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def _is_high_enough(
    released: tuple[int, int, int], current: tuple[int, int, int], level: Level
) -> bool:
    if level is Level.MAJOR:
        return current[0] > released[0]
    if level is Level.MINOR:
        return current[:2] > released[:2]
    return current >= released
