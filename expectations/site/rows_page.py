"""The pages of rows behind figures: from a figure to deliveries, files and lines."""

from __future__ import annotations

from typing import Any

from expectations.site.contents import Contents
from expectations.site.sections import Page, words
from expectations.site.source_lines import SampledFigure, rows_path

STATUS_TITLES = {
    "both": "Known to both",
    "police_only": "Known to the police only",
    "authority_only": "Known to the authority only",
}


def rows_pages(contents: Contents) -> list[Page]:
    """A page for the nation, and one for each supplier with rows to show."""
    return [
        _page(contents, key)
        for key in sorted(contents.sampled_rows)
        if key == "nation" or key in contents.supplier_codes
    ]


def _page(contents: Contents, key: str) -> Page:
    is_nation = key == "nation"
    name = "England" if is_nation else contents.area_name(key)
    content: dict[str, Any] = {
        "key": key,
        "name": name,
        "year": contents.latest,
        "figures": [
            {"anchor": sampled.anchor, "title": _title(contents, sampled), "sampled": sampled}
            for sampled in contents.sampled_rows[key]
        ],
    }
    section = "agreement.html" if is_nation else "suppliers/index.html"
    return Page(rows_path(key), "rows.html", f"From figure to file: {name}", section, content)


def _title(contents: Contents, sampled: SampledFigure) -> str:
    value = sampled.value
    if sampled.kind == "status":
        return STATUS_TITLES.get(value, words(value))
    if sampled.kind == "reason_code":
        return f"Reason {value}: {contents.titles('dim_reasons').get(value, '')}"
    return f"Rule {words(value)}: {contents.titles('dim_rules').get(value, '')}"
