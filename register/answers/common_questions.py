"""The questions that can be asked, with their metrics, populations and characteristics.

`questions.yaml` declares the questions. The semantic layer declares the metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from register.labels import name_population
from register.yaml_file import read_yaml

QUESTIONS = Path(__file__).with_name("questions.yaml")
EVERY_CHILD = "every_child"
# A message lists at most this many names.
MOST_CHOICES = 30
PERIODS = ("month", "quarter", "year")


class AnswerError(ValueError):
    """A question cannot be answered as asked; the message says what can be asked."""


@dataclass(frozen=True)
class Count:
    """A count of children or absences: a metric of the semantic layer, and its SQL expression."""

    name: str
    label: str
    description: str
    expression: str


@dataclass(frozen=True)
class Share:
    """A share of one count in another. If the count `needs` is 0, the share is not known."""

    name: str
    label: str
    description: str
    numerator: Count
    denominator: Count
    needs: Count


@dataclass(frozen=True)
class Question:
    """A common question: its counts and shares, and the deliveries without which it has no answer.

    `population` is empty if the person who asks may choose it.
    """

    name: str
    counts: tuple[Count, ...]
    shares: tuple[Share, ...]
    sources: tuple[str, ...]
    population: str

    @property
    def all_counts(self) -> tuple[Count, ...]:
        """The counts of the question and of its shares, each once."""
        parts = [part for each in self.shares for part in (each.numerator, each.denominator)]
        needed = [each.needs for each in self.shares]
        return tuple({count.name: count for count in (*self.counts, *parts, *needed)}.values())

    @property
    def description(self) -> str:
        """The counts and shares of the answer, by the labels of their metrics."""
        labels = [count.label for count in self.counts]
        return "; ".join(labels + [share.label for share in self.shares])


@dataclass(frozen=True)
class Population:
    """Which children count: a label, and a condition on a row of `bi.episodes`."""

    label: str
    condition: str


@dataclass(frozen=True)
class Characteristic:
    """A characteristic of absences, with the labels of its codes in order.

    Codes in `rest` tell a reader little: they have a line only where an absence has them.
    """

    name: str
    label: str
    column: str
    values: Mapping[str, str]
    rest: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a person asks, in the words that they typed.

    `by` names a characteristic, an area level, or one of each.
    """

    question: str
    areas: Sequence[str] = ("England",)
    per: str = "year"
    by: Sequence[str] = ()
    years: int = 2
    population: str | None = None


@dataclass(frozen=True)
class Selection:
    """A request whose names are found, except those of areas."""

    question: Question
    areas: tuple[str, ...]
    per: str
    characteristic: Characteristic | None
    area_level: str | None
    years: int
    population: Population


@dataclass(frozen=True)
class Vocabulary:
    """Everything that can be asked, by the names that a person types."""

    questions: Mapping[str, Question]
    populations: Mapping[str, Population]
    characteristics: Mapping[str, Characteristic]
    area_levels: Mapping[str, str]

    def select(self, request: Request) -> Selection:
        """Return what is asked. Raises `AnswerError` for a name that is unknown."""
        question = self.questions[match_name("question", request.question, self.questions)]
        ways = [
            match_name("characteristic or area level", way, self.list_ways()) for way in request.by
        ]
        characteristics = [way for way in ways if way in self.characteristics]
        levels = [way for way in ways if way in self.area_levels]
        if max(len(characteristics), len(levels)) > 1:
            raise AnswerError("divide an answer by one characteristic, one area level, or both")
        return Selection(
            question,
            tuple(request.areas),
            match_name("period", request.per, PERIODS),
            self.characteristics[characteristics[0]] if characteristics else None,
            self.area_levels[levels[0]] if levels else None,
            request.years,
            self._choose_population(question, request.population),
        )

    def list_ways(self) -> list[str]:
        """Return the names by which an answer can be divided."""
        return [*self.characteristics, *self.area_levels]

    def list_populations(self) -> list[str]:
        """Return the names of populations, as a person types them."""
        return [name.replace("_", "-") for name in self.populations]

    def describe_population(self, question: Question) -> str:
        """Return the label of a question's population, or that a person chooses it."""
        fixed = self.populations.get(question.population)
        return fixed.label if fixed else "as in --population"

    def _choose_population(self, question: Question, word: str | None) -> Population:
        if word is None:
            return self.populations[question.population or EVERY_CHILD]
        names = dict(zip(self.list_populations(), self.populations, strict=True))
        chosen = names[match_name("population", word, names)]
        if question.population not in ("", chosen):
            label = self.populations[question.population].label.lower()
            raise AnswerError(f"{question.name} is about one population: {label}")
        return self.populations[chosen]


def match_name(kind: str, word: str, names: Iterable[str]) -> str:
    """Return the name that a person typed, in any case. Raises `AnswerError` with close names."""
    by_word = {name.casefold(): name for name in names}
    typed = word.strip().casefold()
    if typed in by_word:
        return by_word[typed]
    close = [name for name in by_word if typed and name.startswith(typed)]
    close = close or get_close_matches(typed, by_word, cutoff=0.6)
    if close:
        choices = f"Did you mean {' or '.join(by_word[name] for name in close[:3])}?"
    elif len(by_word) <= MOST_CHOICES:
        choices = "Choose one of: " + ", ".join(by_word.values())
    else:
        some = ", ".join(list(by_word.values())[:3])
        choices = f"All names are in the view bi.areas, such as {some}"
    raise AnswerError(f'no {kind} is named "{word}". {choices}')


def read_vocabulary(dbt_project: Path) -> Vocabulary:
    """Read the questions, with the metrics of the semantic layer of this dbt project."""
    folder = dbt_project / "models" / "semantic_layer"
    declared = read_yaml(QUESTIONS)
    metrics = {each["name"]: each for each in read_yaml(folder / "metrics.yml")["metrics"]}
    expressions = _read_expressions(read_yaml(folder / "semantic_models.yml"))

    def build_count(name: str) -> Count:
        metric = metrics[name]
        expression = expressions[metric["type_params"]["measure"]]
        return Count(name, metric["label"], metric["description"], expression)

    def build_share(name: str) -> Share:
        metric = metrics[name]
        parts = declared["shares"].get(name) or metric["type_params"]
        denominator = build_count(parts["denominator"])
        needs = build_count(parts["needs"]) if "needs" in parts else denominator
        label, description = metric["label"], metric["description"]
        return Share(name, label, description, build_count(parts["numerator"]), denominator, needs)

    return Vocabulary(
        {
            name: Question(
                name,
                tuple(map(build_count, each["counts"])),
                tuple(map(build_share, each["shares"])),
                tuple(each["sources"]),
                each.get("population", ""),
            )
            for name, each in declared["questions"].items()
        },
        {
            code: Population(name_population(code), condition)
            for code, condition in declared["populations"].items()
        },
        {name: Characteristic(name, **each) for name, each in declared["characteristics"].items()},
        declared["area-levels"],
    )


def _read_expressions(declared: Any) -> dict[str, str]:
    """Return the SQL of each measure of absences, over rows of `bi.episodes`."""
    (model,) = (each for each in declared["semantic_models"] if each["name"] == "episodes")
    forms = {"count_distinct": "count(distinct {})", "sum": "cast(sum({}) as bigint)"}
    return {each["name"]: forms[each["agg"]].format(each["expr"]) for each in model["measures"]}
