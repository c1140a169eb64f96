"""The audit sample: cases drawn as inspectors draw them, their worksheets, and what was found.

Drawn from published files only. Worksheets belong to the operations zone. Which command asks for
them is not known here.
"""

from register.audit.report import AuditLine, AuditReport, report_audits
from register.audit.results import (
    ResultError,
    SampleError,
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
from register.audit.worksheets import read_details, write_worksheets

__all__ = [
    "LATEST_YEAR",
    "STATUSES",
    "AuditLine",
    "AuditReport",
    "FrameError",
    "ResultError",
    "SampleError",
    "append_results",
    "draw",
    "read_details",
    "read_form",
    "read_frame",
    "read_sample",
    "report_audits",
    "sample_of",
    "write_worksheets",
]
