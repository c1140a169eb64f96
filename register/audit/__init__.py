"""The audit sample: cases drawn as inspectors draw them, their worksheets, and what was found.

Drawn from published files only. Worksheets belong to the operations zone. Which command asks for
them is not known here.
"""

from register.audit.answers import (
    answer_case,
    answers_in_force,
    case_of,
    drawn_samples,
    read_case,
    timeline_of,
)
from register.audit.audit_report import AuditReport, report_audits
from register.audit.drawn_samples import (
    ANSWERS,
    ResultError,
    SampleError,
    StoredCase,
    StoredSample,
    append_results,
    read_form,
    read_sample,
    sample_of,
)
from register.audit.sampling import (
    LATEST_YEAR,
    STATUSES,
    FrameError,
    draw,
    read_frame,
)
from register.audit.worksheets import compare_reports, read_details, write_worksheets

__all__ = [
    "ANSWERS",
    "LATEST_YEAR",
    "STATUSES",
    "AuditReport",
    "FrameError",
    "ResultError",
    "SampleError",
    "StoredCase",
    "StoredSample",
    "answer_case",
    "answers_in_force",
    "append_results",
    "case_of",
    "compare_reports",
    "draw",
    "drawn_samples",
    "read_case",
    "read_details",
    "read_form",
    "read_frame",
    "read_sample",
    "report_audits",
    "sample_of",
    "timeline_of",
    "write_worksheets",
]
