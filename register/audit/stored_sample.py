"""A drawn sample as it is kept beside its worksheets: its design, and what each case stands for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from register.audit.sampling import Sample
from register.settings import Settings

SAMPLE_FILE = "sample.json"


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
    """One case: what the register says of it, and how many rows it stands for."""

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
    """The file that is kept beside the worksheets."""
    return json.dumps(asdict(stored(sample)), indent=1) + "\n"


def read_sample(settings: Settings, sample_id: str) -> StoredSample:
    """Read a sample that was drawn in this home; raises `SampleError` where there is none."""
    known = {path.parent.name: path for path in _files(settings)}
    if sample_id not in known:
        raise SampleError("no such sample was drawn here: see `register audit sample`")
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


def _files(settings: Settings) -> list[Path]:
    return sorted((settings.home / "operations" / "audit").glob(f"*/{SAMPLE_FILE}"))
