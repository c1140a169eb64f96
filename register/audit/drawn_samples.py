"""A drawn sample and what auditors found, as they are kept.

The sample is kept as JSON with its worksheets. Answers are kept as an append-only file of
decisions: `decisions/audit_results.csv` has codes and the design of the sample, never a name of a
child, so that an estimate can be made from it when the worksheets are gone. A later answer to the
same case replaces an earlier one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from register.audit.sampling import STATUSES, Sample
from register.decision_files import append_decisions, hold_decisions
from register.settings import Settings

SAMPLE_FILE = "sample.json"
SAMPLES = "audit_samples.csv"
RESULTS = "audit_results.csv"
YES_NO = ("yes", "no", "not_applicable", "not_known")
# What is asked of each case, the answers that are understood, and the question in words.
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


class SampleError(ValueError):
    """The sample is not there; the message says what to do."""


@dataclass(frozen=True)
class SampleDesign:
    """How a sample was drawn, and the register's own shares (0-1) of what it was drawn from."""

    sample_id: str
    generation_id: str
    collection_year: str
    seed: int
    case_count: int
    area_count: int
    frame_count: int
    both_share: float
    police_only_share: float
    authority_only_share: float


@dataclass(frozen=True)
class StoredCase:
    """One case as the register has it, and its weight in rows of the frame."""

    case_number: int
    agreement_id: str
    status: str
    care: str
    authority_code_dfe: str
    reason_code: str
    weight: float


@dataclass(frozen=True)
class StoredSample:
    """A sample as it was written."""

    design: SampleDesign
    cases: tuple[StoredCase, ...]


def sample_folder(settings: Settings, sample_id: str) -> Path:
    """Where a sample's worksheets are: in the operations zone."""
    return settings.home / "operations" / "audit" / sample_id


def stored(sample: Sample) -> StoredSample:
    """A drawn sample in the form in which it is kept."""
    design = SampleDesign(
        sample_id=sample.sample_id,
        generation_id=sample.frame.generation_id,
        collection_year=sample.frame.collection_year,
        seed=sample.seed,
        case_count=len(sample.cases),
        area_count=len(sample.areas),
        frame_count=len(sample.frame.rows),
        both_share=sample.frame.share("both"),
        police_only_share=sample.frame.share("police_only"),
        authority_only_share=sample.frame.share("authority_only"),
    )
    cases = tuple(
        StoredCase(case_number=case.case_number, weight=case.weight, **asdict(case.row))
        for case in sample.cases
    )
    return StoredSample(design, cases)


def as_json(sample: Sample) -> str:
    """The text of the file that is kept with the worksheets."""
    return json.dumps(asdict(stored(sample)), indent=1) + "\n"


def read_sample(settings: Settings, sample_id: str) -> StoredSample:
    """Read a sample that was drawn in this home; raises `SampleError` where there is none."""
    known = {path.parent.name: path for path in sample_files(settings)}
    if sample_id not in known:
        raise SampleError("no such sample was drawn here: see `register audit draw`")
    content = json.loads(known[sample_id].read_text(encoding="utf-8"))
    return StoredSample(
        SampleDesign(**content["design"]),
        tuple(StoredCase(**case) for case in content["cases"]),
    )


def design_from_text(row: dict[str, str]) -> SampleDesign:
    """A design as it is kept among the decisions."""
    return SampleDesign(
        sample_id=row["sample_id"],
        generation_id=row["generation_id"],
        collection_year=row["collection_year"],
        seed=int(row["seed"]),
        case_count=int(row["case_count"]),
        area_count=int(row["area_count"]),
        frame_count=int(row["frame_count"]),
        both_share=float(row["both_share"]),
        police_only_share=float(row["police_only_share"]),
        authority_only_share=float(row["authority_only_share"]),
    )


def sample_files(settings: Settings) -> list[Path]:
    """The files of every sample that was drawn in this home."""
    return sorted((settings.home / "operations" / "audit").glob(f"*/{SAMPLE_FILE}"))


class ResultError(ValueError):
    """The results cannot be entered; the message names the line and no value."""


@dataclass(frozen=True)
class AuditResult:
    """One answered case as it is kept: the answers, and the weight of the case."""

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


def sample_of(form: Path) -> str:
    """The one sample that a filled-in form is of."""
    samples = {row["sample_id"] for _, row in _form_rows(form)}
    if len(samples) != 1:
        raise ResultError("the form must have the cases of one sample only")
    return samples.pop()


def read_form(form: Path, sample: StoredSample, who: str) -> list[AuditResult]:
    """The answered cases of a form; a case without a status found is not answered yet.

    Raises `ResultError`, which names the line.
    """
    cases = {str(case.case_number): case for case in sample.cases}
    entered_at = datetime.now(UTC).isoformat(timespec="seconds")
    results = []
    for number, row in _form_rows(form):
        case = cases.get(row["case_number"])
        if case is None:
            raise ResultError(f"line {number}: the sample has no such case")
        for column, (allowed, _) in ANSWERS.items():
            if row[column] and row[column] not in allowed:
                raise ResultError(f"line {number}: {column} must be one of {', '.join(allowed)}")
        if row["found_status"]:
            results.append(result_of(sample, case, row, (entered_at, who)))
    if not results:
        raise ResultError("no case of the form is answered")
    return results


def append_results(settings: Settings, sample: StoredSample, results: list[AuditResult]) -> None:
    """Append to the kept samples and results; what is there is never changed."""
    with hold_decisions(settings):
        if sample.design.sample_id not in read_designs(settings):
            append_decisions(settings, SAMPLES, [astuple(sample.design)], ResultError)
        answers = [astuple(result) for result in results]
        append_decisions(settings, RESULTS, answers, ResultError)


def read_designs(settings: Settings) -> dict[str, SampleDesign]:
    """The samples of which results were entered, by id."""
    path = settings.decisions / SAMPLES
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["sample_id"]: design_from_text(row) for row in csv.DictReader(stream)}


def read_results(settings: Settings) -> dict[str, list[AuditResult]]:
    """The results in force by sample: the latest answer to each case, in the order of cases."""
    path = settings.decisions / RESULTS
    if not path.exists():
        return {}
    latest: dict[tuple[str, int], AuditResult] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            result = _result_from_text(row)
            latest[result.sample_id, result.case_number] = result
    samples: dict[str, list[AuditResult]] = {}
    for _, result in sorted(latest.items()):
        samples.setdefault(result.sample_id, []).append(result)
    return samples


def _result_from_text(row: dict[str, str]) -> AuditResult:
    texts = [field.name for field in fields(AuditResult) if field.type == "str"]
    return AuditResult(
        case_number=int(row["case_number"]),
        weight=float(row["weight"]),
        **{name: row[name] for name in texts},
    )


def _form_rows(form: Path) -> list[tuple[int, dict[str, str]]]:
    with form.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in RESULT_COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ResultError(f"the form lacks the columns {', '.join(missing)}")
        return [
            (number, {name: (row[name] or "").strip() for name in RESULT_COLUMNS})
            for number, row in enumerate(reader, start=2)
        ]


def result_of(
    sample: StoredSample, case: StoredCase, row: Mapping[str, str], entered: tuple[str, str]
) -> AuditResult:
    """The answers to one case as they are kept; `entered` is when, and by whom."""
    return AuditResult(
        entered_at=entered[0],
        entered_by=entered[1],
        sample_id=sample.design.sample_id,
        case_number=case.case_number,
        authority_code_dfe=case.authority_code_dfe,
        status=case.status,
        reason_code=case.reason_code,
        weight=case.weight,
        **{column: row[column] or "not_known" for column in ANSWERS},
    )
