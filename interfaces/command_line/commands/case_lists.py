"""`register case-lists`: children who may be at risk, for safeguarding staff."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from interfaces.command_line.recorded_output import Purpose, record_output
from register.access_record import Entry
from register.choices import CASE_LISTS
from register.settings import load_settings

DEFAULT_LIMIT = 50


def case_lists(  # noqa: PLR0913, PLR0917 - each is an option of the command
    list_code: Annotated[
        str | None,
        typer.Option(
            "--list", metavar="LIST", help=f"List the cases of one list: {', '.join(CASE_LISTS)}."
        ),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Only cases that this local authority or police force should act on.",
        ),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help="Show only counts by reason, without names.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many cases, the oldest first.")
    ] = DEFAULT_LIMIT,
    purpose: Purpose = "",
    as_json: console.AsJson = False,
) -> None:
    """List children who may be at risk: for how long, why, and who should act.

    Without --list the command counts cases. With --list it names children, so only operations staff
    may use it.
    """
    if list_code is not None and list_code not in CASE_LISTS:
        raise typer.BadParameter(f"one of {', '.join(CASE_LISTS)}", param_hint="--list")
    settings = load_settings()
    generation = console.require_generation(settings)
    with console.stop_on(LookupError, code=console.NOT_FOUND):
        cases = publishing.read_cases(generation, list_code, body)
    is_count = count or list_code is None
    if not is_count:
        listed = cases if as_json else cases[:limit]
        keys = dict.fromkeys(key for case in listed for key in _list_keys(case) if key)
        record_output(
            settings, Entry("view", "case_list", purpose, generation.generation_id, tuple(keys))
        )
    if as_json:
        console.write_json(
            [asdict(item) for item in (publishing.count_cases(cases) if is_count else cases)]
        )
    elif is_count:
        _show_counts(publishing.count_cases(cases))
    else:
        _show_cases(cases, limit)


def _list_keys(case: publishing.ListedCase) -> tuple[str | None, ...]:
    return case.body_code, case.child_id_register, case.episode_id_register


def _show_counts(counts: list[publishing.CaseCount]) -> None:
    console.show_table(
        f"{sum(item.case_count for item in counts):,} cases",
        ["list", "reason", "#cases", "#oldest, days"],
        (
            [
                _code_to_words(item.list_code),
                _code_to_words(item.reason_code),
                f"{item.case_count:,}",
                f"{item.oldest_age_days:,}",
            ]
            for item in counts
        ),
    )


def _show_cases(cases: list[publishing.ListedCase], limit: int) -> None:
    rows = [
        [
            f"{case.age_days:,}",
            _code_to_words(case.reason_code),
            " ".join(filter(None, (case.forenames, case.surname)))
            or _code_to_words(case.feed or "name not known"),
            str(case.birth_date or ""),
            case.episode_id_register or "",
            f"{case.body_name} ({case.body_code})",
        ]
        for case in cases[:limit]
    ]
    headings = ["#days", "reason", "child", "born", "id", "should act"]
    console.show_table(f"{len(cases):,} cases", headings, rows)
    if len(cases) > limit:
        console.notices.print(
            f"The {limit:,} oldest of {len(cases):,}; --limit shows more, --json all."
        )


def _code_to_words(code: str) -> str:
    return code.replace("_", " ")
