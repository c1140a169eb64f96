"""Answers to common questions about the published register: counts and shares with intervals.

The questions are in `questions.yaml`; their counts and shares are metrics of the semantic layer.
Answers come from the coarse form. MetricFlow, which answers all other combinations of metrics,
belongs in `orchestration.metrics`.
"""

from register.answers.answer_files import format_json, write_answer
from register.answers.answering import Answer, Column, answer_question
from register.answers.common_questions import (
    PERIODS,
    AnswerError,
    Request,
    Share,
    Vocabulary,
    read_vocabulary,
)

__all__ = [
    "PERIODS",
    "Answer",
    "AnswerError",
    "Column",
    "Request",
    "Share",
    "Vocabulary",
    "answer_question",
    "format_json",
    "read_vocabulary",
    "write_answer",
]
