"""Pages of pairs: both records, and the weight of each comparison as a waterfall and a table.

Pages name children. They are written under `operations/`, which only the operator can read, and
never into `quality/`, which the readers' group may read. In a home with data keys they are
encrypted, and `register keys decrypt` writes them where they are to be read. A page loads no other
file.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import jinja2

from register.appearance import build_style_sheet
from register.charts import ACCENT, INK, MARKED, RowChart, round_ticks
from register.labels import code_to_words
from register.private_files import write_private
from register.review.pairs import CaseLists, Pair, Weight
from register.review.wording import (
    Comparison,
    compare_records,
    describe_cause,
    describe_outcome,
    find_cause_pair,
    name_comparison,
)
from register.settings import Settings

FOLDER_MODE = 0o700
FOR, AGAINST, TOTAL = ACCENT, MARKED, INK
WIDTH = 800


def write_pages(settings: Settings, case_lists: CaseLists, pairs: list[Pair]) -> Path:
    """Write a page for each pair and a page that lists them, and return the folder.

    Each generation has its own folder, `operations/review/<generation>/`.
    """
    folder = settings.operations / "review" / case_lists.generation_id
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    for each in (settings.operations, settings.operations / "review", folder):
        each.chmod(FOLDER_MODE)
    for pair in pairs:
        page = render_pair_page(case_lists, pair)
        path = folder / f"{pair.review_pair_id}.html"
        write_private(settings.data_keys, path, page.encode())
    listed = (
        _build_environment()
        .get_template("list.html")
        .render(
            pairs=pairs,
            generation_id=case_lists.generation_id,
            standing=describe_outcome,
        )
    )
    write_private(settings.data_keys, folder / "index.html", listed.encode())
    return folder


def render_pair_page(case_lists: CaseLists, pair: Pair) -> str:
    """Return the page of one pair as a complete HTML document."""
    left = case_lists.read_mention(pair.left_mention_id_register)
    right = case_lists.read_mention(pair.right_mention_id_register)
    weights = case_lists.read_weights(pair.review_pair_id)
    rows: list[Comparison] = compare_records(case_lists, left, right, weights)
    between = find_cause_pair(case_lists, pair)
    return (
        _build_environment()
        .get_template("pair.html")
        .render(
            pair=pair,
            left=left,
            right=right,
            rows=rows,
            between=between,
            between_rows=compare_records(case_lists, *between, []) if between else [],
            weights=weights,
            waterfall=draw_waterfall(weights) if weights else None,
            standing=describe_outcome(pair),
            cause=describe_cause(pair),
            generation_id=case_lists.generation_id,
        )
    )


def draw_waterfall(weights: list[Weight]) -> str:
    """Return an SVG waterfall of a pair's weights: each bar begins where the last one ended.

    The SVG element has a label for readers who do not see the picture.
    """
    bars, reached = [], 0.0
    for each in weights:
        begin, reached = reached, reached + each.weight
        bars.append((name_comparison(each), begin, reached, FOR if each.weight >= 0 else AGAINST))
    bars.append(("match weight", 0.0, reached, TOTAL))
    ends = [end for _, *both, _ in bars for end in both]
    # The added bits leave room for the figure after the last bar.
    ticks = round_ticks(min(ends), max(ends) + 2, 8)
    title = "Bits: to the right for one child, to the left against"
    chart = RowChart([name for name, *_ in bars], ticks, title, width=WIDTH)
    marks = []
    for place, (_, begin, end, colour) in enumerate(bars):
        marks.append(chart.draw_bar(place, begin, end, colour))
        marks.append(chart.draw_words(place, max(begin, end), f"{end - begin:+.1f}"))
    label = f"Waterfall of the weights, {reached:+.1f} bits in all; as a table below."
    return chart.draw(label, marks)


@lru_cache(maxsize=1)
def _build_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("register.review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = build_style_sheet()
    environment.filters["in_words"] = code_to_words
    return environment
