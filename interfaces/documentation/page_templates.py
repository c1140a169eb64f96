"""Pages of one HTML file, from the templates here, which load nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render_page(template: str, **contents: Any) -> str:
    """Render a page from `templates/`; values are escaped, an unknown name raises."""
    environment = Environment(
        loader=PackageLoader("interfaces.documentation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**contents)
