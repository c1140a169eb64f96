"""A page a suite: every expectation as a sentence, with what was observed, tolerated and why."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from expectations.docs_site import charts
from expectations.docs_site.contents import Contents
from expectations.docs_site.figures import Figures, Row, Source
from expectations.docs_site.rendering import Page
from expectations.results import FAILED, NOT_APPLICABLE, Result
from expectations.specs import ExpectationSpec, SuiteSpec
from expectations.suites import SUITES


def suite_pages(contents: Contents) -> list[Page]:
    """One page a suite."""
    return [_suite_page(contents, suite) for suite in SUITES]


def _suite_page(contents: Contents, suite: SuiteSpec) -> Page:
    results: dict[str, list[Result]] = defaultdict(list)
    for result in contents.results:
        results[result.expectation].append(result)
    content: dict[str, Any] = {
        "suite": suite,
        "items": [
            _item(spec, results[spec.name]) for spec in suite.expectations if results[spec.name]
        ],
        "charts": _authority_charts(contents) if suite.name == "agreement" else [],
    }
    path = f"suites/{suite.name}.html"
    return Page(path, "suite.html", suite.title, path, content)


def _item(spec: ExpectationSpec, results: list[Result]) -> dict[str, Any]:
    whole, *scopes = results
    outside = [result for result in scopes if result.status == FAILED]
    return {
        "whole": whole,
        "scopes": scopes,
        "kind": scopes[0].scope_kind if scopes else "",
        "outside": sorted(outside, key=lambda result: -result.unexpected_count),
        "too_small": sum(result.status == NOT_APPLICABLE for result in scopes),
        "source": Source(whole.mart, whole.filter, whole.trace, spec.relation),
    }


def _authority_charts(contents: Contents) -> list[dict[str, Any]]:
    """Authorities ranked by the share that both hold, in the latest collection year."""
    found: Figures = contents.agreement_by_authority
    if not found.rows:
        return []
    year = max(row["collection_year"] for row in found.rows)
    names = {row["supplier_code"]: row["supplier_name"] for row in contents.suppliers}
    rows: list[Row] = [
        {**row, "name": names.get(row["supplier_code"], row["supplier_code"])}
        for row in found.rows
        if row["collection_year"] == year
    ]
    rows.sort(key=lambda row: (row["both_count"] / row["total_count"], row["name"]))
    source = Source(
        found.source.mart,
        f"{found.source.filter} and collection_year = '{year}'",
        found.source.trace,
    )
    return [
        {
            "caption": f"Authorities in {year}, those where both agree least first",
            "drawn": charts.agreement_shares(rows, "name"),
            "rows": rows,
            "source": source,
        }
    ]
