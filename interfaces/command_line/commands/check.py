"""`register check`: what a supplier would be told of a delivery, before it is delivered.

No home, no server and no load is needed. What the rules are belongs in `register.feeds` and in the
dbt project.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import feeds
else:
    feeds = lazy_module("register.feeds")

RETURN = "authority_return"
# Lines of this outcome ask for nothing.
REPORTED = "reported"
LEFT_OUT = {"delivery_id", "record_id"}
WITHOUT_LAST_YEAR = "Rule 576 was not checked: it needs last year's return (--last-year)."
NOT_HERE = "Not checked here: what needs the supplier's other deliveries, such as a hold."

Line = dict[str, str]


def check(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder of files.")],
    feed: Annotated[str, typer.Option(help="The feed, such as authority_return.")],
    supplier: Annotated[str, typer.Option(help="The supplier's code, such as E23000001 or 373.")],
    period: Annotated[str, typer.Option(help="The period, such as 2026-10, 2026-Q3, 2025-26.")],
    last_year: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Last year's return, for the rule that compares both."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write what was found as JSON.")] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Also write it as CSV.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write it as one page.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Show at most this many lines.", min=1)] = 200,
) -> None:
    """Check a delivery before it is delivered: rule, file, line, column, what to put right.

    Nothing is written but what is asked for, and no value of a record is told. Exit code 1: there
    is something to put right.
    """
    if feed not in feeds.load_contracts():
        raise typer.BadParameter(f"one of {', '.join(feeds.load_contracts())}", param_hint="--feed")
    for given in (path, last_year):
        if given is not None and not given.exists():
            stop(f"there is no {given}", NOT_FOUND)
    settings = load_settings()
    try:
        checked = feeds.check_delivery(settings, path, feed, supplier, period, datetime.now(UTC))
        lines = _lines(settings, checked, last_year)
    except feeds.LayoutError as error:
        stop(str(error), FAILED)
    notes = [NOT_HERE]
    if feed == RETURN and last_year is None:
        notes.insert(0, WITHOUT_LAST_YEAR)
    title = f"{feed} of {supplier} for {period}"
    summary = _summary(checked, lines)
    if csv_file is not None:
        csv_file.write_text(feeds.format_feedback(lines), encoding="utf-8", newline="")
    if html_file is not None:
        from interfaces.documentation import render_page

        page = render_page(
            "check.html",
            title=title.replace("_", " ").capitalize(),
            summary=summary,
            notes=notes,
            columns=_filled(lines),
            lines=lines,
        )
        html_file.write_text(page, encoding="utf-8")
    if as_json:
        write_json({"outcome": checked.outcome, "summary": summary, "notes": notes, "lines": lines})
    else:
        _show(f"{title}: {summary}", lines, notes, limit)
    if any(line["outcome"] != REPORTED for line in lines):
        raise typer.Exit(FAILED)


def _lines(
    settings: Settings, checked: feeds.CheckedDelivery, last_year: Path | None
) -> list[Line]:
    if checked.raw.item.feed != RETURN or checked.parsed.rejection:
        return checked.build_feedback()
    from orchestration.return_rules import CompiledRulesError, load_return_rules

    before = _last_year(settings, checked, last_year) if last_year else None
    try:
        with notices.status("judging the records"):
            breaches = load_return_rules(settings).find_breaches(settings.seeds, checked, before)
    except CompiledRulesError as error:
        stop(str(error), FAILED)
    return checked.build_feedback(breaches)


def _last_year(
    settings: Settings, checked: feeds.CheckedDelivery, path: Path
) -> feeds.CheckedDelivery:
    item = checked.raw.item
    first = int(item.period[:4]) - 1
    period = f"{first}-{(first + 1) % 100:02d}"
    before = feeds.check_delivery(
        settings, path, item.feed, item.supplier_code, period, datetime.now(UTC)
    )
    if before.parsed.rejection:
        stop(f"last year's return would be rejected: {before.parsed.rejection.rule.value}", FAILED)
    return before


def _summary(checked: feeds.CheckedDelivery, lines: list[Line]) -> str:
    outcome = checked.outcome.replace("_", " ")
    return (
        f"Would be {outcome}; {checked.received_row_count:,} records,"
        f" {checked.landed_row_count:,} of them land; {len(lines):,} lines of feedback"
    )


def _filled(lines: list[Line]) -> list[str]:
    """The columns that at least one line fills."""
    columns = [name for name in feeds.FEEDBACK_COLUMNS if name not in LEFT_OUT]
    return [name for name in columns if any(line[name] for line in lines)]


def _show(title: str, lines: list[Line], notes: list[str], limit: int) -> None:
    output.print(title, markup=False, soft_wrap=True)
    if lines:
        table = Table()
        shown = _filled(lines)
        for name in shown:
            table.add_column(name.replace("_", " "), overflow="fold")
        for line in lines[:limit]:
            table.add_row(*(line[name] for name in shown))
        output.print(table)
    if len(lines) > limit:
        output.print(f"{len(lines) - limit:,} more lines: write them with --csv or --html")
    for note in notes:
        output.print(note, markup=False, soft_wrap=True)
