"""The audit sample: cases drawn as inspectors draw them, their worksheets, and what was found.

Drawn from published files only. Worksheets belong to the operations zone. Which command asks for
them is not known here.
"""

from register.audit.estimates import Estimate, Judged, estimate_share
from register.audit.report import AuditLine, AuditReport, report_audit, report_audits
from register.audit.results import (
    AuditResult,
    ResultError,
    SampleDesign,
    SampleError,
    append_results,
    read_form,
    read_sample,
    sample_of,
)
from register.audit.sampling import (
    DEFAULT_AREAS,
    DEFAULT_CASES,
    LATEST_YEAR,
    STATUSES,
    Frame,
    FrameError,
    FrameRow,
    Sample,
    draw,
    read_frame,
)
from register.audit.worksheets import CaseDetails, read_details, write_worksheets

__all__ = [
    "DEFAULT_AREAS",
    "DEFAULT_CASES",
    "LATEST_YEAR",
    "STATUSES",
    "AuditLine",
    "AuditReport",
    "AuditResult",
    "CaseDetails",
    "Estimate",
    "Frame",
    "FrameError",
    "FrameRow",
    "Judged",
    "ResultError",
    "Sample",
    "SampleDesign",
    "SampleError",
    "append_results",
    "draw",
    "estimate_share",
    "read_details",
    "read_form",
    "read_frame",
    "read_sample",
    "report_audit",
    "report_audits",
    "sample_of",
    "write_worksheets",
]
