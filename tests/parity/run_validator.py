"""Run by the validator's own interpreter: its rules over CSV modules, findings out as JSON.

Reads {"rule_codes": [...], "returns": [{"name", "collection_year", "files"}]} from standard
input, where `files` maps a path to "This year" or "Prev year"; writes a list of findings
{"name", "rule_code", "module", "index"} and of rules that raised. Imports nothing of ours: it
runs in another environment.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any


def run_one(asked: dict[str, Any], rule_codes: list[str]) -> dict[str, list[dict[str, Any]]]:
    """What the validator finds in one return: the failing rows, and the rules that raised."""
    from lac_validator.lac_validator import LacValidator
    from lac_validator.rules.ruleset_utils import get_year_ruleset

    validator = LacValidator(
        metadata={"collectionYear": asked["collection_year"], "localAuthority": "E08000019"},
        files=[
            {"name": path, "description": year, "file_content": Path(path).read_bytes()}
            for path, year in asked["files"].items()
        ],
        registry=get_year_ruleset(asked["collection_year"]),
        selected_rules=rule_codes,
    )
    found = [
        {
            "name": asked["name"],
            "rule_code": column.removeprefix("ERR_"),
            "module": module,
            "index": int(index),
        }
        for module, frame in validator.ds_results.items()
        if module != "metadata"
        for column in frame.columns
        if column.startswith("ERR_")
        for index in frame.index[frame[column].eq(True)]
    ]
    raised = [{"name": asked["name"], "rule_code": code} for code in validator.fails]
    return {"found": found, "raised": raised}


def main() -> None:
    """Answer one request on standard input."""
    warnings.simplefilter("ignore")
    import lac_validator.lac_validator  # noqa: F401 - it configures logging when imported

    logging.disable(logging.CRITICAL)
    request = json.load(sys.stdin)
    answers = [run_one(asked, request["rule_codes"]) for asked in request["returns"]]
    answer = {part: [row for each in answers for row in each[part]] for part in ("found", "raised")}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
