"""One case of a drawn sample at a time: what was published about it, and the answers to it.

For a page that asks for the answers. Forms that are filled in elsewhere belong to `results`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from register.audit.drawn_samples import (
    ANSWERS,
    AuditResult,
    ResultError,
    StoredCase,
    StoredSample,
    append_results,
    read_results,
    read_sample,
    result_of,
    sample_files,
)
from register.audit.sampling import Case, Frame, FrameRow, Sample
from register.audit.timeline import bars_of, draw_timeline
from register.audit.worksheets import CaseDetails, read_details
from register.publishing import Generation
from register.settings import Settings


def drawn_samples(settings: Settings) -> list[StoredSample]:
    """Every sample that was drawn in this home, the latest generation first."""
    names = sorted((path.parent.name for path in sample_files(settings)), reverse=True)
    return [read_sample(settings, name) for name in names]


def answers_in_force(settings: Settings, sample: StoredSample) -> dict[int, AuditResult]:
    """The latest answer to each answered case of a sample, by the number of the case."""
    results = read_results(settings).get(sample.design.sample_id, [])
    return {result.case_number: result for result in results}


def case_of(sample: StoredSample, number: int) -> StoredCase:
    """One case of a sample. Raises `ResultError` where it has none of this number."""
    found = next((case for case in sample.cases if case.case_number == number), None)
    if found is None:
        raise ResultError("the sample has no such case")
    return found


def read_case(generation: Generation, sample: StoredSample, case: StoredCase) -> CaseDetails:
    """What the sample's generation published about one case."""
    row = FrameRow(
        case.agreement_id, case.status, case.care, case.authority_code_dfe, case.reason_code
    )
    frame = Frame(sample.design.generation_id, sample.design.collection_year, (row,))
    drawn = (Case(case.case_number, row, case.weight),)
    return read_details(
        generation, Sample(sample.design.sample_id, sample.design.seed, frame, drawn)
    )[0]


def timeline_of(details: CaseDetails) -> str:
    """The times of a case as an SVG element; empty where no report has a start."""
    return draw_timeline(bars_of(details.episode, details.reports))


def answer_case(
    settings: Settings, sample: StoredSample, number: int, answers: Mapping[str, str], who: str
) -> None:
    """Append the answers to one case; a later answer replaces an earlier one.

    `answers` are those of `ANSWERS`; all but the status may be empty. Raises `ResultError`.
    """
    case = case_of(sample, number)
    given = {column: answers.get(column, "").strip() for column in ANSWERS}
    for column, (allowed, _) in ANSWERS.items():
        if given[column] and given[column] not in allowed:
            raise ResultError(f"{column} must be one of {', '.join(allowed)}")
    if not given["found_status"]:
        raise ResultError("say which of the two sources have a record of the absence")
    entered_at = datetime.now(UTC).isoformat(timespec="seconds")
    append_results(settings, sample, [result_of(sample, case, given, (entered_at, who))])
