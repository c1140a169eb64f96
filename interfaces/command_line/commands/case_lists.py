"""`register case-lists`: the children to help, for safeguarding staff."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Literal

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from interfaces.command_line.recorded_output import Purpose, record_output
from register.access_record import Entry
from register.choices import TASKS
from register.durable import write_whole
from register.settings import Settings, load_settings
from register.spreadsheet import format_csv
from register.supplier_names import name_supplier

DEFAULT_LIMIT = 50
FILE_MODE, FOLDER_MODE = 0o600, 0o700


def case_lists(  # noqa: PLR0913, PLR0917 - each is an option of the command
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help=f"List the children of one task: {', '.join(TASKS)}."),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="Only children whom this local authority or police force can help."
        ),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help="Show only the number of children, without names.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many children, the most urgent first.")
    ] = DEFAULT_LIMIT,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Write one CSV file for each authority and force into an empty folder outside the"
            " home; it is created.",
        ),
    ] = None,
    purpose: Purpose = "",
    as_json: console.AsJson = False,
) -> None:
    """List the children to help: who has to do what for each of them, the most urgent first.

    Without --task or --out the command counts children. With them it names children, so only
    operations staff may use it.
    """
    if task is not None and task not in TASKS:
        raise typer.BadParameter(f"one of {', '.join(TASKS)}", param_hint="--task")
    settings = load_settings()
    generation = console.require_generation(settings)
    if out is None and (count or task is None):
        with console.stop_on(LookupError, code=console.NOT_FOUND):
            counts = publishing.count_tasks(generation, body)
        _show_counts(settings, [each for each in counts if task in {None, each.task_code}], as_json)
        return
    if out is not None:
        _check_folder(settings, out)
    with console.stop_on(LookupError, code=console.NOT_FOUND):
        children = publishing.read_children(generation, task, body)
    listed = children if as_json or out is not None else children[:limit]
    keys = dict.fromkeys(key for child in listed for key in _list_keys(child))
    generation_id = generation.generation_id
    kind: Literal["view", "export"] = "view" if out is None else "export"
    record_output(settings, Entry(kind, "case_list", purpose, generation_id, tuple(keys)))
    if out is None:
        _show_children(listed, len(children), as_json)
    else:
        _write_files(out, children)


def _list_keys(child: publishing.ListedChild) -> tuple[str, ...]:
    return child.body_code, child.child_id_register, child.episode_id_register


def _check_folder(settings: Settings, folder: Path) -> None:
    if folder.resolve().is_relative_to(settings.home):
        console.stop(f"{folder} is in the home: choose a folder outside it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        console.stop(f"{folder} is not an empty folder: choose another one")


def _write_files(folder: Path, children: list[publishing.ListedChild]) -> None:
    """Write the children of each authority and force into a file with its code and name."""
    by_body: dict[str, list[publishing.ListedChild]] = {}
    for child in children:
        by_body.setdefault(child.body_code, []).append(child)
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    columns = [field.name for field in fields(publishing.ListedChild)]
    for code, own in by_body.items():
        words = re.sub(r"[^a-z0-9]+", "-", own[0].body_name.lower()).strip("-")
        rows: list[list[object]] = [[*columns], *(child.build_csv_row() for child in own)]
        write_whole(folder / f"{code}-{words}.csv", format_csv(rows).encode(), FILE_MODE)
    console.notices.print(
        f"{len(by_body):,} files written to {folder}; each is only for the organisation in its"
        " name.",
        markup=False,
        soft_wrap=True,
    )


def _show_counts(settings: Settings, counts: list[publishing.TaskCount], as_json: bool) -> None:
    rows = [(name_supplier(settings.seeds, each.body_code), each) for each in counts]
    rows.sort(key=lambda row: (row[0], TASKS.index(row[1].task_code)))
    if as_json:
        console.write_json([{"body_name": name, **asdict(each)} for name, each in rows])
        return
    console.show_table(
        console.format_count(sum(each.children_count for each in counts), "task"),
        ["who can help", "task", "#children"],
        ([name, each.task_name, f"{each.children_count:,}"] for name, each in rows),
    )


def _show_children(children: list[publishing.ListedChild], total_count: int, as_json: bool) -> None:
    if as_json:
        console.write_json([asdict(child) for child in children])
        return
    rows = [
        [
            child.task_name,
            " ".join(filter(None, (child.forenames, child.surname))) or "name not known",
            str(child.birth_date or ""),
            f"{publishing.convert_to_london(child.latest_at):%Y-%m-%d %H:%M}",
            "" if child.hours_since_seen is None else f"{child.hours_since_seen:,}",
            f"{child.episode_count:,}",
            child.what_to_do,
            child.body_name,
        ]
        for child in children
    ]
    headings = ["task", "child", "born", "left or came back", "#hours since seen"]
    headings += ["#absences", "what to do", "who"]
    noun = "row" if total_count == 1 else "rows"
    title = f"{total_count:,} {noun}: one for each child, task and organisation"
    console.show_table(title, headings, rows)
    if total_count > len(children):
        console.notices.print(
            f"The {len(children):,} most urgent of {total_count:,}; --limit shows more, --json all."
        )
