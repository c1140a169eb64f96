"""`register case-lists`: children who may be at risk, for safeguarding staff."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import CASE_LISTS
from register.settings import load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

SHOWN = 50


def case_lists(
    list_code: Annotated[
        str | None,
        typer.Option("--list", metavar="LIST", help=f"List these cases: {', '.join(CASE_LISTS)}."),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Only what this authority or force should act on."),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help="Only how many, by reason: no name is shown.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many, the oldest.")] = SHOWN,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write every case, or the counts, as JSON.")
    ] = False,
) -> None:
    """List children who may be at risk, how long, why, and which body should act.

    Without --list it counts. A list names children: operations only.
    """
    if list_code is not None and list_code not in CASE_LISTS:
        raise typer.BadParameter(f"one of {', '.join(CASE_LISTS)}", param_hint="--list")
    generation = publishing.current_generation(load_settings())
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    try:
        found = publishing.read_cases(generation, list_code, body)
    except LookupError as error:
        stop(str(error), NOT_FOUND)
    if count or list_code is None:
        counted = publishing.count_cases(found)
        if as_json:
            write_json([asdict(item) for item in counted])
        else:
            _show_counts(counted)
    elif as_json:
        write_json([asdict(case) for case in found])
    else:
        _show(found, limit)


def _show_counts(counted: list[publishing.CaseCount]) -> None:
    table = Table(title=f"{sum(item.case_count for item in counted):,} cases")
    table.add_column("list", overflow="fold")
    table.add_column("reason", overflow="fold")
    table.add_column("cases", justify="right")
    table.add_column("oldest, days", justify="right")
    for item in counted:
        table.add_row(
            _words(item.list_code),
            _words(item.reason_code),
            f"{item.case_count:,}",
            f"{item.oldest_age_days:,}",
        )
    output.print(table)


def _show(found: list[publishing.ListedCase], limit: int) -> None:
    table = Table(title=f"{len(found):,} cases")
    for column in ("days", "reason", "child", "born", "id", "should act"):
        table.add_column(column, justify="right" if column == "days" else "left", overflow="fold")
    for case in found[:limit]:
        name = " ".join(filter(None, (case.forenames, case.surname)))
        table.add_row(
            f"{case.age_days:,}",
            _words(case.reason_code),
            name or _words(case.feed or "name not known"),
            str(case.birth_date or ""),
            case.episode_id_register or "",
            f"{case.body_name} ({case.body_code})",
        )
    output.print(table)
    if len(found) > limit:
        notices.print(f"The {limit:,} oldest of {len(found):,}; --limit shows more, --json all.")


def _words(code: str) -> str:
    return code.replace("_", " ")
