"""`register identity`: draw a clerical sample.

`register identity evaluate` is in `evaluation`; the commands about linkage models (train, report,
models, pin, unpin, card) are in `linkage_models`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
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
from interfaces.command_line.lazy_modules import review
from register.choices import CLERICAL_SAMPLE_SIZE
from register.settings import load_settings

app = typer.Typer(
    help="Train a linkage model and pin it, draw a clerical sample, evaluate linkage."
)
for command in (train, report, models, pin, unpin):
    app.command()(command)
app.command("evaluate")(evaluate_linkage)
app.command("card")(write_card)


@app.command("clerical-sample")
def draw_clerical_sample(
    size: Annotated[
        int, typer.Option(min=1, help="How many pairs to draw.")
    ] = CLERICAL_SAMPLE_SIZE,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pairs.")] = 1,
    cap: Annotated[
        str | None,
        typer.Option(metavar="CAP", help="Draw pairs of the review list with this cap alone."),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Draw a clerical sample of scored pairs, by stratum of match weight, to be judged blind.

    With --cap: a sample of one cap, which decides whether pairs with this cap become links.
    """
    settings = load_settings()
    with open_case_lists(settings) as case_lists, console.stop_on(review.ReviewError):
        if cap is None:
            drawn = review.draw_sample(settings, case_lists, size, seed)
        else:
            drawn = review.draw_cap_sample(settings, case_lists, cap, size, seed)
    if as_json:
        console.write_json(asdict(drawn))
        return
    console.show_table(
        f"Sample {drawn.sample_id}: {console.format_count(drawn.pair_count, 'pair')}",
        ["stratum", "#pairs", "#drawn", "#pairs for each drawn"],
        (
            [
                each.stratum,
                f"{each.pair_count:,}",
                f"{each.sampled_count:,}",
                f"{each.sampling_weight:.1f}",
            ]
            for each in drawn.strata
        ),
    )
    console.output.print(
        "Judge it: `register review --sample --by …`. The next load uses the judgements, and"
        " `register identity evaluate` shows the result."
    )
