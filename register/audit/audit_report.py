"""Reports on audit samples: estimates with intervals, beside the register's own figures.

Samples are drawn from records, so they cannot include a child whom neither source reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from register.audit.drawn_samples import AuditResult, read_designs, read_results
from register.audit.estimates import Estimate, Judged, estimate_share
from register.audit.sampling import SampleDesign
from register.settings import Settings

# Answers that estimates leave out.
NO_ANSWER = {"not_known", "not_applicable", ""}
STATUS_WORDS = {
    "both": "Held by both",
    "police_only": "Held by the police only",
    "authority_only": "Held by the authority only",
}
# The predictive value of the task "known to one source" in this home.
KNOWN_TO_ONE_SOURCE = "Known to one source: the other source does not have the absence"
YES_NO_QUESTIONS = {
    "is_same_child": "Records linked are of the same child",
    "is_same_absence": "Reports of an episode are of the same absence",
    "is_reason_right": "The reason given for a difference is right",
}


@dataclass(frozen=True)
class AuditLine:
    """A question with the estimate from auditors' answers, and the register's own share, if any."""

    question: str
    found: Estimate | None
    register_share: float | None

    @property
    def is_consistent(self) -> bool | None:
        """Whether the register's own share is within the interval of the estimate."""
        if self.found is None or self.register_share is None:
            return None
        return self.found.lower <= self.register_share <= self.found.upper


@dataclass(frozen=True)
class AuditReport:
    """The report on a sample: its design, the number of answered cases, and the estimates."""

    design: SampleDesign
    answered_count: int
    lines: tuple[AuditLine, ...]


def report_audits(settings: Settings) -> list[AuditReport]:
    """Return a report on every sample with answers, the latest generation first."""
    designs = read_designs(settings)
    return [
        report_audit(designs[sample_id], results)
        for sample_id, results in sorted(read_results(settings).items(), reverse=True)
    ]


def report_audit(design: SampleDesign, results: list[AuditResult]) -> AuditReport:
    """Return the report on one sample, with shares estimated from the auditors' answers."""
    shares = {
        "both": design.both_share,
        "police_only": design.police_only_share,
        "authority_only": design.authority_only_share,
    }
    known = [result for result in results if result.found_status not in NO_ANSWER]
    lines = [
        AuditLine(
            words,
            _estimate_answers((result, result.found_status == status) for result in known),
            shares[status],
        )
        for status, words in STATUS_WORDS.items()
    ]
    right = _estimate_answers((result, result.found_status == result.status) for result in known)
    lines.append(AuditLine("Status as the register has it", right, None))
    of_one_source = _estimate_answers(
        (result, result.found_status == result.status)
        for result in known
        if result.status != "both"
    )
    lines.append(AuditLine(KNOWN_TO_ONE_SOURCE, of_one_source, None))
    for column, question in YES_NO_QUESTIONS.items():
        answers = [(result, getattr(result, column)) for result in results]
        estimate = _estimate_answers(
            (result, answer == "yes") for result, answer in answers if answer not in NO_ANSWER
        )
        lines.append(AuditLine(question, estimate, None))
    return AuditReport(design, len(results), tuple(lines))


def _estimate_answers(cases: Iterable[tuple[AuditResult, bool]]) -> Estimate | None:
    """Estimate the share of yes among answers; each case comes with whether its answer is yes."""
    return estimate_share(
        [Judged(result.authority_code_dfe, result.weight, is_yes) for result, is_yes in cases]
    )
