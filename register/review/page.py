"""A page per pair: both records, the weight of each comparison as a waterfall, and as a table.

Pages name children. They are written under `operations/`, for the operator alone, and load nothing
from anywhere; never into `quality/`, which everybody may read.
"""

from __future__ import annotations

import html
import io
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import altair as alt
import jinja2

from register.identity.score import PRIOR
from register.publishing.durable import write_whole
from register.review.causes import cause_in_words, cause_pair
from register.review.comparing import Comparison, in_words, side_by_side, standing
from register.review.pairs import CaseLists, Pair, Weight
from register.settings import Settings

FOLDER_MODE, FILE_MODE = 0o700, 0o600
FOR, AGAINST, TOTAL, INK = "#12436D", "#C4500F", "#1D2A33", "#1D2A33"
# Names that only a file of its own needs, and roles inside what is one image.
SURPLUS = re.compile(r'\s+(xmlns(:\w+)?|role|aria-roledescription)="[^"]*"')


def write_pages(settings: Settings, case_lists: CaseLists, pairs: list[Pair]) -> Path:
    """Write a page for each pair and a list of them; returns the folder.

    The folder is the generation's own: `operations/review/<generation>/`.
    """
    folder = settings.operations / "review" / case_lists.generation_id
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    for each in (settings.operations, settings.operations / "review", folder):
        each.chmod(FOLDER_MODE)
    for pair in pairs:
        _write(folder / f"{pair.review_pair_id}.html", pair_page(case_lists, pair))
    listed = _template("list.html").render(
        pairs=pairs, generation_id=case_lists.generation_id, standing=standing, style=_style()
    )
    _write(folder / "index.html", listed)
    return folder


def pair_page(case_lists: CaseLists, pair: Pair) -> str:
    """The page of one pair, complete in itself."""
    left = case_lists.mention(pair.left_mention_id_register)
    right = case_lists.mention(pair.right_mention_id_register)
    weights = case_lists.weights(pair.review_pair_id)
    rows: list[Comparison] = side_by_side(case_lists, left, right, weights)
    between = cause_pair(case_lists, pair)
    return _template("pair.html").render(
        pair=pair,
        left=left,
        right=right,
        rows=rows,
        between=between,
        between_rows=side_by_side(case_lists, *between, []) if between else [],
        weights=weights,
        waterfall=waterfall(weights) if weights else None,
        standing=standing(pair),
        cause=cause_in_words(pair),
        generation_id=case_lists.generation_id,
        style=_style(),
    )


def waterfall(weights: list[Weight]) -> str:
    """The weights of a pair as a waterfall: each bar begins where the one before it ended.

    An SVG element of its own, with a label for those who do not see it.
    """
    bars, reached = [], 0.0
    for place, each in enumerate(weights):
        begin, reached = reached, reached + each.weight
        bars.append(_bar(place, _bar_name(each), begin, reached))
    bars.append({**_bar(len(bars), "match weight", 0.0, reached), "kind": "whole"})
    base = alt.Chart(alt.Data(values=bars)).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("place"), axis=alt.Axis(labelLimit=340))
    )
    drawn = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("begin:Q", title="Bits: to the right for one child, to the left against"),
        x2="end:Q",
        color=alt.Color("kind:N", legend=None).scale(
            domain=["for", "against", "whole"], range=[FOR, AGAINST, TOTAL]
        ),
    )
    figures = base.mark_text(align="left", dx=5, color=INK, fontSize=13).encode(
        x="most:Q", text=alt.Text("weight:Q", format="+.1f")
    )
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=INK).encode(x="x:Q")
    chart = (drawn + zero + figures).properties(width=420, height=alt.Step(26))
    return _svg(chart, f"Waterfall of the weights, {reached:+.1f} bits in all; as a table below.")


def _bar(place: int, name: str, begin: float, end: float) -> dict[str, object]:
    kind = "for" if end >= begin else "against"
    ends = {"begin": begin, "end": end, "most": max(begin, end), "weight": end - begin}
    return {"place": place, "name": name, "kind": kind, **ends}


def _bar_name(weight: Weight) -> str:
    if weight.comparison_code == PRIOR:
        return "how rare matches are"
    return f"{in_words(weight.comparison_code)}: {in_words(weight.level_code)}"


def _svg(chart: alt.LayerChart, label: str) -> str:
    styled = chart.configure(font="Arial, Helvetica, sans-serif", aria=False, background="#FFFFFF")
    styled = styled.configure_axis(
        labelColor=INK,
        titleColor=INK,
        labelFontSize=13,
        titleFontSize=13,
        titleFontWeight="normal",
        gridColor="#D5DBDF",
    ).configure_view(stroke=None)
    stream = io.StringIO()
    styled.save(stream, format="svg")
    drawn = stream.getvalue()
    opened = f'<svg role="img" focusable="false" aria-label="{html.escape(label, quote=True)}"'
    return SURPLUS.sub("", drawn[drawn.index("<svg") :]).replace("<svg", opened, 1)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("register.review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["in_words"] = in_words
    return found


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _style() -> str:
    return files("register.review").joinpath("templates/style.css").read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode(), FILE_MODE)
