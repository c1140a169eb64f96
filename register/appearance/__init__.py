"""The look that all products share: design tokens and the style of common elements.

`tokens.css` is the one place of colours, type and spacing. `base.css` styles header, navigation,
headings, links and tables with them. A product adds only what it alone has. Pages that are written
to files extend `templates/written_page.html`, and load nothing.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import PackageLoader

__all__ = ["TOKENS_FILE", "WRITTEN_PAGES", "build_style_sheet", "read_colours"]

TOKENS_FILE = Path(__file__).with_name("tokens.css")
WRITTEN_PAGES = PackageLoader("register.appearance")
COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")


@cache
def build_style_sheet(package: str = "", path: str = "") -> str:
    """Return the shared style, followed by a package's own style sheet if one is named."""
    sheets = [TOKENS_FILE, TOKENS_FILE.with_name("base.css")]
    texts = [sheet.read_text(encoding="utf-8") for sheet in sheets]
    if package:
        texts.append(files(package).joinpath(path).read_text(encoding="utf-8"))
    return "".join(texts)


@cache
def read_colours() -> dict[str, str]:
    """Return the colour of each token by the token's name without its dashes, as SVG has it."""
    colours = COLOUR.findall(TOKENS_FILE.read_text(encoding="utf-8"))
    return {name: colour.upper() for name, colour in colours}
