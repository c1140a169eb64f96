"""Pages of one file: HTML from the templates here, without anything from elsewhere.

The quality site has its own pages, in `interfaces.quality_site`.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render_page(template: str, **contents: Any) -> str:
    """A page from `templates/`; every value is escaped, an unknown name raises."""
    environment = Environment(
        loader=PackageLoader("interfaces.documentation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**contents)
