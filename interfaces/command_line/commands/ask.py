"""`register metrics ask`: answer a common question in one command, in the terminal or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import answers
from register.access import COARSE_FORM
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register.answers import Answer, Column, Request, Share, Vocabulary

NO_FIGURE = "not known"
HELP = (
    "Answer a common question, from the current generation, in a few seconds."
    "\n\nEvery period, area and value has a line. A cell without any child is 0. A period that was"
    " not delivered has no figure. Shares have their two counts and a 95 % interval."
    "\n\n`register metrics query` answers any other combination of metrics, in about 15 seconds."
)
EXAMPLES = """Examples:

register metrics ask children-missing-from-care --area Leeds --per quarter --by age-band
--years 2 --out leeds.xlsx

register metrics ask return-interviews --area "Yorkshire and The Humber" --by authority

register metrics ask agreement --area "West Yorkshire Police" --per month --years 1
"""


def ask(  # noqa: PLR0913, PLR0917 - each is an option of the command
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION]",
            help="Without it, the command lists the questions, and how to divide an answer.",
        ),
    ] = None,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of the nation, a region, an authority or a police force; repeat the option"
            " for more areas. Without it: England."
        ),
    ] = None,
    per: Annotated[str, typer.Option(help="Length of a period: month, quarter or year.")] = "year",
    by: Annotated[
        list[str] | None,
        typer.Option(help="Divide the answer by a characteristic, or by areas in the area."),
    ] = None,
    years: Annotated[
        int,
        typer.Option(
            min=1, max=30, help="How many collection years, up to the last with an absence."
        ),
    ] = 2,
    population: Annotated[
        str | None,
        typer.Option(help="Which children count, such as looked-after. Without it: every child."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a file: its name ends in .xlsx, .csv or .json."),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Answer a question, or list the questions."""
    settings = load_settings()
    vocabulary = answers.read_vocabulary(settings.dbt_project)
    if question is None:
        _show_questions(vocabulary)
        return
    try:
        request = answers.Request(question, area or ("England",), per, by or (), years, population)
        answer = _find_answer(settings, vocabulary, request)
        if out is not None:
            answers.write_answer(answer, out)
    except answers.AnswerError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        console.stop(f"the file cannot be written: {error}")
    if out is not None:
        console.show_written(out)
    elif as_json:
        typer.echo(answers.format_json(answer), nl=False)
    else:
        _show_answer(answer)


def _find_answer(settings: Settings, vocabulary: Vocabulary, request: Request) -> Answer:
    # A wrong name is an error even where nothing is published.
    vocabulary.select(request)
    generation = console.require_generation(settings, console.FAILED)
    published = generation.folder / COARSE_FORM
    return answers.answer_question(published, generation.generation_id, vocabulary, request)


def _show_questions(vocabulary: Vocabulary) -> None:
    console.show_table(
        "Questions",
        ["!question", "population", "what it counts"],
        (
            [each.name, vocabulary.describe_population(each), each.description]
            for each in vocabulary.questions.values()
        ),
        title_justify="left",
    )
    console.show_facts(
        "Options",
        [
            ("--per", ", ".join(answers.PERIODS)),
            ("--by", ", ".join(vocabulary.list_ways())),
            ("--population", ", ".join(vocabulary.list_populations())),
        ],
    )


def _show_answer(answer: Answer) -> None:
    """Write an answer as a table, with each share and its counts in one cell.

    A text that is the same in every line is left out.
    """
    shares = {share.name: share for share in answer.shares}
    counts = {count.name for count in answer.counts}
    columns = [
        column
        for column in answer.columns
        if column.name in (shares.keys() | counts)
        or (column.kind == "text" and len({row[column.name] for row in answer.rows}) > 1)
    ]
    console.show_table(
        answer.title,
        [("#" if column.kind != "text" else "") + column.heading for column in columns],
        (
            [_format_cell(row, column, shares.get(column.name)) for column in columns]
            for row in answer.rows
        ),
        title_justify="left",
    )
    for line in (*(f"{each.label}: {each.description}" for each in answer.shares), *answer.notes):
        console.write_line(" ".join(line.split()))


def _format_cell(row: dict[str, Any], column: Column, share: Share | None) -> str:
    value = row[column.name]
    if share is None:
        return (
            NO_FIGURE if value is None else f"{value:,}" if column.kind == "count" else str(value)
        )
    part, total = row[share.numerator.name], row[share.denominator.name]
    if total is None:
        return NO_FIGURE
    if value is None:
        return f"{part:,} of {total:,}"
    lower, upper = row[f"{column.name}_lower"], row[f"{column.name}_upper"]
    ends = f"{lower * 100:.0f} to {upper * 100:.0f}"
    return f"{part:,} of {total:,}: {value * 100:.0f} % ({ends})"
