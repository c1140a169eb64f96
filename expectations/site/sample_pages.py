"""Pages of rows behind figures: from a figure to deliveries, files and lines."""

from __future__ import annotations

from typing import Any

from expectations.site.contents import Contents
from expectations.site.rendering import Page, words
from expectations.site.samples import Sampled, sample_anchor, sample_path

STATUS_TITLES = {
    "both": "Held by both",
    "police_only": "Known to the police only",
    "authority_only": "Known to the authority only",
}


def sample_pages(contents: Contents) -> list[Page]:
    """A page for the nation, and one for each supplier with rows to show."""
    names = {"nation": "England", **contents.names}
    return [
        _page(contents, key, names.get(key, key))
        for key in sorted(contents.samples)
        if key == "nation" or key in contents.supplier_codes
    ]


def _page(contents: Contents, key: str, name: str) -> Page:
    reasons, rules = contents.titles("dim_reasons"), contents.titles("dim_rules")
    figures = [
        {
            "anchor": sample_anchor(sampled),
            "title": _title(sampled, reasons, rules),
            "sampled": sampled,
        }
        for sampled in contents.samples[key]
    ]
    content: dict[str, Any] = {
        "key": key,
        "name": name,
        "year": contents.statistics.latest,
        "figures": figures,
    }
    title = f"From figure to file: {name}"
    section = "agreement.html" if key == "nation" else "suppliers/index.html"
    return Page(sample_path(key), "rows.html", title, section, content)


def _title(sampled: Sampled, reasons: dict[str, str], rules: dict[str, str]) -> str:
    if sampled.kind == "status":
        return STATUS_TITLES.get(sampled.value, words(sampled.value))
    if sampled.kind == "reason_code":
        return f"Reason {sampled.value}: {reasons.get(sampled.value, '')}"
    return f"Rule {words(sampled.value)}: {rules.get(sampled.value, '')}"
