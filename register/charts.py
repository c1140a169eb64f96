"""A chart as one labelled SVG element for a page that fetches nothing.

What a chart shows belongs to the page that it is on.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

INK = "#1D2A33"
# Names that only a file of its own needs, and roles inside what is one image.
SURPLUS = re.compile(r'\s+(xmlns(:\w+)?|role|aria-roledescription)="[^"]*"')


def inline_svg(chart: Any, label: str, description: str = "") -> str:
    """Return an altair chart as an SVG element of role `img`.

    `label` is its accessible name; `description`, where given, says in words what it shows.
    """
    styled = chart.configure(font="Arial, Helvetica, sans-serif", aria=False, background="#FFFFFF")
    styled = styled.configure_axis(
        labelColor=INK,
        titleColor=INK,
        labelFontSize=13,
        titleFontSize=13,
        titleFontWeight="normal",
        gridColor="#D5DBDF",
    ).configure_view(stroke=None)
    return svg_element(styled, label, description)


def svg_element(chart: Any, label: str, description: str = "") -> str:
    """Return an altair chart, as it is styled, as an SVG element of role `img`."""
    stream = io.StringIO()
    chart.save(stream, format="svg")
    drawn = stream.getvalue()
    opened = f'<svg role="img" focusable="false" aria-label="{html.escape(label, quote=True)}"'
    found = SURPLUS.sub("", drawn[drawn.index("<svg") :]).replace("<svg", opened, 1)
    words = f"<desc>{html.escape(description)}</desc>" if description else ""
    return found.replace(">", f">{words}", 1)
