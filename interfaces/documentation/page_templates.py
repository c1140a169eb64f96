"""Rendering of single HTML pages from the templates here. The pages load nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from register.appearance import WRITTEN_PAGES, build_style_sheet
from register.labels import code_to_label, code_to_words


def render_page(template: str, **contents: Any) -> str:
    """Render a page from `templates/`. Values are escaped, and an unknown variable is an error."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("interfaces.documentation"), WRITTEN_PAGES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words=code_to_words, label=code_to_label)
    environment.globals["style"] = build_style_sheet("interfaces.documentation", "assets/pages.css")
    return environment.get_template(template).render(**contents)
