"""Drawn samples, and auditors' answers to their cases.

A sample is stored as JSON together with its worksheets. Answers are appended to the decision file
`audit_results.csv`, and the design of their sample to `audit_samples.csv`. These two files never
contain a child's name, and estimates need nothing else. A later answer to the same case replaces an
earlier one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from register.audit.sampling import STATUSES, Case, Sample, SampleDesign
from register.decision_files import append_decisions, hold_decisions, read_decision_rows
from register.private_files import read_private
from register.settings import Settings

SAMPLE_FILE = "sample.json"
SAMPLES = "audit_samples.csv"
RESULTS = "audit_results.csv"
YES_NO = ("yes", "no", "not_applicable", "not_known")
# For each question about a case: the allowed answers and the question's text.
ANSWERS = {
    "found_status": (
        (*STATUSES, "neither", "not_known"),
        "Which of the two sources' own systems have a record of this absence?",
    ),
    "is_same_child": (YES_NO, "Are all the records linked here of the same child?"),
    "is_same_absence": (YES_NO, "Are all the reports of this episode of the same absence?"),
    "is_reason_right": (YES_NO, "Is the reason that the register gives for a difference right?"),
}
RESULT_COLUMNS = ("sample_id", "case_number", *ANSWERS)
Kept = TypeVar("Kept", "SampleDesign", "AuditResult")
CONVERTERS: dict[str, type] = {"str": str, "int": int, "float": float}


class SampleError(ValueError):
    """The home has no sample with this id; the message says what to do."""


class ResultError(ValueError):
    """Answers cannot be entered. The message quotes no value and, for a form, names the line."""


@dataclass(frozen=True)
class AuditResult:
    """An auditor's answers to one case, and the weight of the case."""

    entered_at: str
    entered_by: str
    sample_id: str
    case_number: int
    authority_code_dfe: str
    status: str
    reason_code: str
    weight: float
    found_status: str
    is_same_child: str
    is_same_absence: str
    is_reason_right: str


def sample_folder(settings: Settings, sample_id: str) -> Path:
    """Return the folder of a sample's worksheets, in the operations zone."""
    return settings.home / "operations" / "audit" / sample_id


def serialise_sample(sample: Sample) -> str:
    """Return the content of the JSON file that is stored with the worksheets."""
    return json.dumps(asdict(sample), indent=1) + "\n"


def read_sample(settings: Settings, sample_id: str) -> Sample:
    """Read a sample that was drawn in this home. Raises `SampleError` if it does not exist."""
    files = _find_sample_files(settings)
    if sample_id not in files:
        raise SampleError("no such sample was drawn here: see `register audit draw`")
    content = json.loads(read_private(settings.data_keys, files[sample_id]))
    cases = tuple(Case(**case) for case in content["cases"])
    return Sample(SampleDesign(**content["design"]), cases)


def read_samples(settings: Settings) -> list[Sample]:
    """Read every sample that was drawn in this home, the latest generation first."""
    names = sorted(_find_sample_files(settings), reverse=True)
    return [read_sample(settings, name) for name in names]


def _find_sample_files(settings: Settings) -> dict[str, Path]:
    folder = settings.home / "operations" / "audit"
    return {path.parent.name: path for path in folder.glob(f"*/{SAMPLE_FILE}")}


def find_case(sample: Sample, number: int) -> Case:
    """Return the case with this number. Raises `ResultError` if the sample has no such case."""
    for case in sample.cases:
        if case.case_number == number:
            return case
    raise ResultError("the sample has no such case")


def read_sample_id(form: Path) -> str:
    """Return the id of the sample to which all lines of a filled-in form belong."""
    samples = {row["sample_id"] for _, row in _read_form_rows(form)}
    if len(samples) != 1:
        raise ResultError("the form must have the cases of one sample only")
    return samples.pop()


def read_form(form: Path, sample: Sample, auditor: str) -> list[AuditResult]:
    """Return the answers in a form. A case without an answered status is left out.

    Raises `ResultError` for an invalid line, which the message names, or if no case is answered.
    """
    cases = {str(case.case_number): case for case in sample.cases}
    entered_at = datetime.now(UTC).isoformat(timespec="seconds")
    results = []
    for line, row in _read_form_rows(form):
        case = cases.get(row["case_number"])
        if case is None:
            raise ResultError(f"line {line}: the sample has no such case")
        try:
            _check_answers(row)
        except ResultError as error:
            raise ResultError(f"line {line}: {error}") from None
        if row["found_status"]:
            results.append(_create_result(sample, case, row, entered_at, auditor))
    if not results:
        raise ResultError("no case of the form is answered")
    return results


def answer_case(
    settings: Settings, sample: Sample, number: int, answers: Mapping[str, str], auditor: str
) -> None:
    """Append the answers to one case. Any answer except the status may be empty.

    Raises `ResultError` if the answers cannot be entered.
    """
    case = find_case(sample, number)
    stripped = {column: answers.get(column, "").strip() for column in ANSWERS}
    _check_answers(stripped)
    if not stripped["found_status"]:
        raise ResultError("say which of the two sources have a record of the absence")
    entered_at = datetime.now(UTC).isoformat(timespec="seconds")
    result = _create_result(sample, case, stripped, entered_at, auditor)
    append_results(settings, sample, [result])


def append_results(settings: Settings, sample: Sample, results: list[AuditResult]) -> None:
    """Append answers to the cases of a sample.

    With the first answers, the design of the sample is appended too.
    """
    with hold_decisions(settings):
        if sample.sample_id not in read_designs(settings):
            append_decisions(settings, SAMPLES, [astuple(sample.design)], ResultError)
        answers = [astuple(result) for result in results]
        append_decisions(settings, RESULTS, answers, ResultError)


def read_designs(settings: Settings) -> dict[str, SampleDesign]:
    """Return the designs of all samples that have answers, by sample id."""
    rows = read_decision_rows(settings, SAMPLES)
    return {row["sample_id"]: _parse_row(SampleDesign, row) for row in rows}


def read_results(settings: Settings) -> dict[str, list[AuditResult]]:
    """Return the latest answers to each case, by sample and in the order of cases."""
    latest: dict[tuple[str, int], AuditResult] = {}
    for row in read_decision_rows(settings, RESULTS):
        result = _parse_row(AuditResult, row)
        latest[result.sample_id, result.case_number] = result
    samples: dict[str, list[AuditResult]] = {}
    for _, result in sorted(latest.items()):
        samples.setdefault(result.sample_id, []).append(result)
    return samples


def read_latest_answers(settings: Settings, sample: Sample) -> dict[int, AuditResult]:
    """Return the latest answers to the cases of a sample, by case number."""
    results = read_results(settings).get(sample.sample_id, [])
    return {result.case_number: result for result in results}


def _parse_row(kind: type[Kept], row: Mapping[str, str]) -> Kept:
    values: dict[str, Any] = {
        field.name: CONVERTERS[str(field.type)](row[field.name]) for field in fields(kind)
    }
    return kind(**values)


def _read_form_rows(form: Path) -> list[tuple[int, dict[str, str]]]:
    with form.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in RESULT_COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ResultError(f"the form lacks the columns {', '.join(missing)}")
        return [
            (line, {name: (row[name] or "").strip() for name in RESULT_COLUMNS})
            for line, row in enumerate(reader, start=2)
        ]


def _check_answers(answers: Mapping[str, str]) -> None:
    for column, (allowed, _) in ANSWERS.items():
        if answers[column] and answers[column] not in allowed:
            raise ResultError(f"{column} must be one of {', '.join(allowed)}")


def _create_result(
    sample: Sample, case: Case, answers: Mapping[str, str], entered_at: str, auditor: str
) -> AuditResult:
    return AuditResult(
        entered_at=entered_at,
        entered_by=auditor,
        sample_id=sample.sample_id,
        case_number=case.case_number,
        authority_code_dfe=case.authority_code_dfe,
        status=case.status,
        reason_code=case.reason_code,
        weight=case.weight,
        **{column: answers[column] or "not_known" for column in ANSWERS},
    )
