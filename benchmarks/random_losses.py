"""`python -m benchmarks.random_losses`: the reasons that the register names for random losses.

REGISTER_HOME names a loaded home. Another home is made from the same inbox, without a random share
of one source's records, and is loaded. Some absences that both sources recorded are then recorded
by one source only. The reasons given to these absences are counted. The true reason is a random
loss, so the right answer is D0. No truth is needed, so any home can be used. The removed records
are listed outside the inbox.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checkouts import COMMAND
from benchmarks.thinned_inbox import SOURCES, thin_inbox
from register.settings import PROJECT_ROOT, load_settings

app = typer.Typer(add_completion=False)
FILE = Path("published") / "current" / "national_register.duckdb"


@dataclass(frozen=True)
class NamedReason:
    """A reason, and how many absences have it: of those lost at random, and in all."""

    reason_code: str
    lost_count: int
    lost_share: float
    named_count: int


@app.command()
def random_losses(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    source: Annotated[
        str, typer.Option(help="source whose records are removed: police or authority")
    ],
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="share of the records to remove, from 0 to 1")
    ] = 0.08,
    seed: Annotated[int, typer.Option(help="seed; the same seed removes the same records")] = 1,
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch home")] = None,
    keep: Annotated[bool, typer.Option(help="keep the scratch home, and print its path")] = False,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
) -> None:
    """Remove some of one source's records at random, load, and count the reasons given."""
    if source not in SOURCES:
        raise typer.BadParameter(f"source is one of {', '.join(SOURCES)}")
    console = Console(width=100)
    home = load_settings().home
    if not (home / FILE).is_file():
        raise typer.BadParameter("the home has no generation: load it first")
    scratch = Path(tempfile.mkdtemp(prefix="losses-", dir=folder))
    try:
        thinned = scratch / "home"
        shutil.copytree(home / "decisions", thinned / "decisions")
        removed = thin_inbox(home / "inbox", thinned / "inbox", source, share, seed)
        listed = json.dumps([asdict(item) for item in removed])
        (scratch / "taken.json").write_text(listed, encoding="utf-8")
        load(thinned)
        lost_reasons = reasons_of_the_lost(home / FILE, thinned / FILE, source)
    finally:
        if keep:
            console.print(str(scratch), soft_wrap=True)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    _show(console, f"{len(removed)} records of {source} lost at random ({share:.0%})", lost_reasons)
    if output:
        figures = {"source": source, "share": share, "seed": seed, "taken": len(removed)}
        reasons = [asdict(item) for item in lost_reasons]
        output.write_text(json.dumps({**figures, "reasons": reasons}, indent=1), encoding="utf-8")


def load(home: Path) -> None:
    """Load a home in its own process; a failure raises `RuntimeError` with its last output."""
    outcome = subprocess.run(
        [sys.executable, "-c", COMMAND, "load"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "REGISTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise RuntimeError(f"the load failed:\n{(outcome.stdout + outcome.stderr)[-3000:]}")


def reasons_of_the_lost(before: Path, after: Path, source: str) -> list[NamedReason]:
    """Count the reasons of absences that both sources recorded before, and only one after.

    `before` and `after` are published files with the same pseudonym key, so a report has the same
    id in both. An absence is found again by the report of the source that lost nothing.
    """
    query = """
        with reports as (
            select report_id_register, episode_id_register
            from before.register.fct_reports where source <> $source
        ),
        lost as (
            select distinct now.episode_id_register
            from reports
            inner join before.agreement.fct_agreement as then_judged
                on reports.episode_id_register = then_judged.episode_id_register
            inner join after.register.fct_reports as now
                on reports.report_id_register = now.report_id_register
            where then_judged.source_status = 'both'
        ),
        judged as (
            select
                judged.reason_code,
                count(lost.episode_id_register) as lost_count,
                count(*) as named_count
            from after.agreement.fct_agreement as judged
            left join lost on judged.episode_id_register = lost.episode_id_register
            where judged.source_status = $status
            group by all
        )
        select
            reason_code, lost_count,
            coalesce(lost_count / nullif(sum(lost_count) over (), 0), 0), named_count
        from judged order by lost_count desc, named_count desc, reason_code
    """
    other = "authority" if source == "police" else "police"
    with duckdb.connect() as db:
        for name, path in (("before", before), ("after", after)):
            db.execute(f"attach '{path}' as {name} (read_only)")
        values = {"source": source, "status": f"{other}_only"}
        return [NamedReason(*row) for row in db.execute(query, values).fetchall()]


def _show(console: Console, title: str, rows: list[NamedReason]) -> None:
    lost = sum(row.lost_count for row in rows)
    table = Table(title=f"{title}: {lost} absences are left to the other source")
    for name in ("reason", "of those lost", "share", "named in all"):
        table.add_column(name, justify="left" if name == "reason" else "right")
    for row in rows:
        figures = (str(row.lost_count), f"{row.lost_share:.1%}", str(row.named_count))
        table.add_row(row.reason_code, *figures)
    console.print(table)


if __name__ == "__main__":
    app()
