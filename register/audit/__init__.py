"""Audit samples of published cases: drawing, worksheets, auditors' answers, and estimates.

Commands and pages that show them belong in `interfaces`.
"""

from register.audit.audit_report import AuditReport, report_audits
from register.audit.drawn_samples import (
    ANSWERS,
    AuditResult,
    ResultError,
    SampleError,
    answer_case,
    append_results,
    find_case,
    read_form,
    read_latest_answers,
    read_sample,
    read_sample_id,
    read_samples,
)
from register.audit.sampling import (
    LATEST_YEAR,
    STATUSES,
    Case,
    FrameError,
    Sample,
    draw_sample,
    read_frame,
)
from register.audit.worksheets import (
    CaseDetails,
    compare_reports,
    draw_case_timeline,
    read_details,
    write_worksheets,
)

__all__ = [
    "ANSWERS",
    "LATEST_YEAR",
    "STATUSES",
    "AuditReport",
    "AuditResult",
    "Case",
    "CaseDetails",
    "FrameError",
    "ResultError",
    "Sample",
    "SampleError",
    "answer_case",
    "append_results",
    "compare_reports",
    "draw_case_timeline",
    "draw_sample",
    "find_case",
    "read_details",
    "read_form",
    "read_frame",
    "read_latest_answers",
    "read_sample",
    "read_sample_id",
    "read_samples",
    "report_audits",
    "write_worksheets",
]
