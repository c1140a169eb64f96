"""Work about suppliers' uploads that `register web` starts, in processes of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds, web
from register.settings import load_settings

if TYPE_CHECKING:
    from interfaces.web import Upload, UploadCheck

app = typer.Typer(
    help="Work about suppliers' uploads, which the application starts by itself.",
    no_args_is_help=True,
)


@app.command("check")
def check(
    upload_id: Annotated[str, typer.Argument(metavar="UPLOAD", help="The upload's id.")],
) -> None:
    """Check the files of an upload, and write the result for its page."""
    web.perform_check(load_settings(), upload_id, _judge)


@app.command("land")
def land() -> None:
    """Land the uploads that suppliers have confirmed."""
    web.perform_landing(load_settings())


def _judge(folder: Path, upload: Upload) -> UploadCheck:
    from interfaces.command_line.commands import check as check_command

    settings = load_settings()
    with console.stop_on(feeds.LayoutError):
        checked = feeds.check_delivery(
            settings,
            folder,
            upload.feed,
            upload.supplier_code,
            upload.period,
            datetime.now(UTC),
        )
        lines = check_command.list_lines(settings, checked, None)
    notes = check_command.list_notes(upload.feed, has_last_year=False)
    return web.UploadCheck(
        fingerprint=upload.fingerprint,
        outcome=checked.outcome,
        summary=check_command.summarise(checked, lines),
        notes=notes,
        lines=lines,
        page=str(web.render_check(checked, lines, notes)),
    )
