"""`register check`: check a delivery before it is sent, without a home, server or load.

The rules themselves belong in `register.feeds` and in the dbt project.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds, web
from interfaces.command_line.loopback import serve_on_loopback
from register.settings import Settings, load_settings

RETURN = "authority_return"
PORT = 8322
# The outcome of lines that need no correction.
REPORTED = "reported"
LEFT_OUT = {"delivery_id", "record_id"}
WITHOUT_LAST_YEAR = "Rule 576 was not checked, because it needs last year's return (--last-year)."
NOT_CHECKED = (
    "Rules that need the supplier's other deliveries were not checked, for example rules that "
    "hold a delivery."
)

Line = dict[str, str]


def check(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="A file, or a folder of files.")
    ] = None,
    feed: Annotated[str, typer.Option(help="The feed, such as authority_return.")] = "",
    supplier: Annotated[
        str, typer.Option(help="The supplier's code, such as E23000001 or 373.")
    ] = "",
    period: Annotated[
        str, typer.Option(help="The period, such as 2026-10, 2026-Q3, 2025-26.")
    ] = "",
    last_year: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Last year's return, for rule 576, which compares it with the checked return.",
        ),
    ] = None,
    as_json: console.AsJson = False,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Also write the result to this CSV file."),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write the result to this HTML page."),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="Show at most this many lines of feedback.", min=1)
    ] = 200,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Serve a page that checks the files chosen there, until Ctrl-C."
        ),
    ] = False,
    port: Annotated[int, typer.Option(help="The page's port on the loopback address.")] = PORT,
) -> None:
    """Check a delivery before it is sent; list each broken rule, its place and what to put right.

    No value of a record is shown. Exit code 1 if there is something to put right. With --serve, a
    page in the browser does the same: only this machine can open it, and nothing is kept.
    """
    if serve:
        _serve(load_settings(), port)
        return
    place = {"PATH": path, "--feed": feed, "--supplier": supplier, "--period": period}
    if path is None or not all(place.values()):
        missing = ", ".join(name for name, value in place.items() if not value)
        raise typer.BadParameter(f"give {missing}, or --serve")
    if feed not in feeds.load_contracts():
        raise typer.BadParameter(f"one of {', '.join(feeds.load_contracts())}", param_hint="--feed")
    for item in (path, last_year):
        if item is not None and not item.exists():
            console.stop(f"there is no {item}", console.NOT_FOUND)
    settings = load_settings()
    with console.stop_on(feeds.LayoutError):
        checked = feeds.check_delivery(settings, path, feed, supplier, period, datetime.now(UTC))
        lines = list_lines(settings, checked, last_year)
    notes = list_notes(feed, has_last_year=last_year is not None)
    title = f"{feed} of {supplier} for {period}"
    summary = summarise(checked, lines)
    if csv_file is not None:
        csv_file.write_text(feeds.format_feedback(lines), encoding="utf-8", newline="")
    if html_file is not None:
        page = web.render_check_file(checked, lines, notes)
        html_file.write_text(page, encoding="utf-8")
    if as_json:
        console.write_json(
            {"outcome": checked.outcome, "summary": summary, "notes": notes, "lines": lines}
        )
    else:
        _show_lines(f"{title}: {summary}", lines, notes, limit)
    if any(line["outcome"] != REPORTED for line in lines):
        raise typer.Exit(console.FAILED)


def _serve(settings: Settings, port: int) -> None:
    def list_feedback(checked: feeds.CheckedDelivery) -> tuple[list[Line], list[str]]:
        return list_lines(settings, checked, None), list_notes(
            checked.raw.item.feed, has_last_year=False
        )

    serve_on_loopback(web.create_check_app(settings, list_feedback), port)


def list_notes(feed: str, *, has_last_year: bool) -> list[str]:
    """List what a check of a feed leaves out."""
    is_partial = feed == RETURN and not has_last_year
    return [WITHOUT_LAST_YEAR, NOT_CHECKED] if is_partial else [NOT_CHECKED]


def list_lines(
    settings: Settings, checked: feeds.CheckedDelivery, last_year: Path | None
) -> list[Line]:
    """Return the feedback of a check, with the rules of the statutory return."""
    if checked.raw.item.feed != RETURN:
        return checked.build_feedback()
    from orchestration.return_rules import CompiledRulesError, load_return_rules

    before = _check_last_year(settings, checked, last_year) if last_year else None
    with console.stop_on(CompiledRulesError), console.notices.status("judging the records"):
        breaches = load_return_rules(settings).find_breaches(settings.seeds, checked, before)
    return checked.build_feedback(breaches)


def _check_last_year(
    settings: Settings, checked: feeds.CheckedDelivery, path: Path
) -> feeds.CheckedDelivery:
    item = checked.raw.item
    first = int(item.period[:4]) - 1
    period = f"{first}-{(first + 1) % 100:02d}"
    before = feeds.check_delivery(
        settings, path, item.feed, item.supplier_code, period, datetime.now(UTC)
    )
    if before.parsed.rejection:
        console.stop(
            f"last year's return would be rejected: {before.parsed.rejection.rule.value}",
            console.FAILED,
        )
    return before


def summarise(checked: feeds.CheckedDelivery, lines: list[Line]) -> str:
    """Return the result of a check in one line."""
    outcome = checked.verdict.replace("_", " ")
    return (
        f"Would be {outcome}; {checked.read_row_count:,} records,"
        f" {checked.landed_row_count:,} of them land; {len(lines):,} lines of feedback"
    )


def _list_filled_columns(lines: list[Line]) -> list[str]:
    """List the columns that are filled in at least one line."""
    columns = [name for name in feeds.FEEDBACK_COLUMNS if name not in LEFT_OUT]
    return [name for name in columns if any(line[name] for line in lines)]


def _show_lines(title: str, lines: list[Line], notes: list[str], limit: int) -> None:
    console.write_line(title)
    if lines:
        columns = _list_filled_columns(lines)
        headings = [name.replace("_", " ") for name in columns]
        console.show_table(
            "", headings, ([line[name] for name in columns] for line in lines[:limit])
        )
    if len(lines) > limit:
        console.output.print(f"{len(lines) - limit:,} more lines: write them with --csv or --html")
    for note in notes:
        console.write_line(note)
