"""`register identity`: draw a sample to judge, give decisions new keys.

`register identity evaluate` is in `evaluation`; the linkage model (train, report, models, pin,
unpin, card) is in `training`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.commands.evaluation import evaluate_linkage
from interfaces.command_line.commands.linkage_models import (
    models,
    pin,
    report,
    train,
    unpin,
    write_card,
)
from interfaces.command_line.commands.review import open_case_lists
from interfaces.command_line.console import output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import CLERICAL_SAMPLE_SIZE
from register.settings import load_settings

if TYPE_CHECKING:
    from register import review
else:
    review = lazy_module("register.review")

app = typer.Typer(
    help="Train a linkage model and pin it, draw a clerical sample, evaluate linkage."
)
for command in (train, report, models, pin, unpin):
    app.command()(command)
app.command("evaluate")(evaluate_linkage)
app.command("card")(write_card)
AsJson = Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")]


@app.command("clerical-sample")
def draw_clerical_sample(
    size: Annotated[
        int, typer.Option(min=1, help="How many pairs to draw.")
    ] = CLERICAL_SAMPLE_SIZE,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pairs.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Draw a clerical sample of scored pairs, by stratum of match weight, to be judged blind."""
    settings = load_settings()
    with open_case_lists(settings) as case_lists:
        try:
            drawn = review.draw_sample(settings, case_lists, size, seed)
        except review.ReviewError as error:
            stop(str(error))
    if as_json:
        write_json(asdict(drawn))
        return
    table = Table(title=f"Sample {drawn.sample_id}: {drawn.pair_count:,} pairs")
    table.add_column("match weight")
    for column in ("pairs", "drawn", "pairs for each drawn"):
        table.add_column(column, justify="right")
    for each in drawn.strata:
        figures = (f"{each.pair_count:,}", f"{each.sampled_count:,}", f"{each.sampling_weight:.1f}")
        table.add_row(each.stratum, *figures)
    output.print(table)
    output.print("Judge it: `register review --sample --by …`; the next load estimates from it.")


@app.command("rekey-decisions")
def rekey() -> None:
    """Give decisions the keys of a new pseudonym key; the former one is read from the environment.

    REGISTER_PSEUDONYM_KEY is the new key, and REGISTER_PSEUDONYM_KEY_BEFORE the one before.
    """
    from orchestration.dagster_home import BusyError
    from orchestration.dbt import DbtError, WarehouseBusyError
    from orchestration.warehouse_exports import rekey_home

    try:
        done = rekey_home(load_settings())
    except (BusyError, DbtError, review.ReviewError, WarehouseBusyError) as error:
        stop(str(error))
    output.print(f"{done.row_count:,} rows of decisions have new keys.")
    if done.unknown_row_count:
        output.print(
            f"{done.unknown_row_count:,} are about records that are not delivered any more: they"
            " keep their keys."
        )
    output.print("Every published key changes: `register load --accept-churn`, once.")
